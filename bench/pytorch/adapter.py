"""LoRA by PEFT: a fresh adapter on all linear layers, or one that starts from given matrices."""
import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict

ALL_LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def fresh_adapter(model, rank, alpha, targets=ALL_LINEARS):
    """The model with an untrained adapter (B = 0), no dropout, no biases."""
    return get_peft_model(
        model,
        LoraConfig(
            r=rank, lora_alpha=alpha, target_modules=list(targets), lora_dropout=0.0, bias="none", task_type="CAUSAL_LM"
        ),
    )


def adapter_from(model, tensors, rank, alpha):
    """The model with the adapter `tensors` (PEFT names -> A [r, in] or B [out, r]); the names decide the targets.

    Ends the program when a name or shape is not what this model with this rank expects.
    """
    targets = sorted({name.split(".")[-3] for name in tensors})
    adapted = fresh_adapter(model, rank, alpha, targets)
    state = get_peft_model_state_dict(adapted, save_embedding_layers=False)
    expected = {name: tuple(t.shape) for name, t in state.items()}
    found = {name: tuple(t.shape) for name, t in tensors.items()}
    if found != expected:
        wrong = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
        name = wrong[0]
        raise SystemExit(
            f"adapter: {len(wrong)} of {len(expected)} matrices differ from the model's, first {name}: "
            f"expected {expected.get(name, 'no such matrix')}, found {found.get(name, 'no such matrix')}"
        )
    set_peft_model_state_dict(adapted, {name: t.to(torch.float32) for name, t in tensors.items()})
    return adapted
