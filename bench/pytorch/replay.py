"""Repeat a Retort run in PyTorch + PEFT from its masked-jsonl export, and compare the losses step by step."""
import argparse
import json
import math
import os
import sys
from collections import defaultdict

import torch
from safetensors.torch import load_file

from adapter import adapter_from
from load_student import load_student


def read_jsonl(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def read_export(folder):
    """(config, examples by id, batches, initial adapter) of an export folder."""
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    if config["optimiser"]["name"] != "adamw":
        raise SystemExit(f"config.json: optimiser: expected adamw, found {config['optimiser']['name']}")
    examples = {}
    for example in read_jsonl(os.path.join(folder, "examples.jsonl")):
        lengths = {name: len(example[name]) for name in ("ids", "weights", "kinds")}
        if len(set(lengths.values())) != 1:
            raise SystemExit(f"examples.jsonl: {example['id']}: expected equal lengths, found {lengths}")
        if example["id"] in examples:
            raise SystemExit(f"examples.jsonl: {example['id']}: expected one example of that id, found two")
        examples[example["id"]] = example
    batches = read_jsonl(os.path.join(folder, "batches.jsonl"))
    for batch in batches:
        for name in batch["examples"]:
            if examples.get(name, {"split": "no such example"})["split"] != "train":
                raise SystemExit(f"batches.jsonl: step {batch['step']}: {name} is not a training example")
    return config, examples, batches, load_file(os.path.join(folder, "init.safetensors"))


def token_nll(model, example):
    """nll[t] = -log p(ids[t + 1] | ids[..t]), length T - 1: the loss of every token but the first."""
    ids = torch.tensor(example["ids"])
    logits = model(input_ids=ids[None]).logits[0, :-1].float()
    return torch.nn.functional.cross_entropy(logits, ids[1:], reduction="none")


def target_weights(example):
    """The weights that belong to token_nll."""
    return torch.tensor(example["weights"][1:], dtype=torch.float32)


def train_step(model, parameters, optimiser, batch, examples, clip_norm):
    """One optimiser step over the batch; returns its loss before the update and the gradient norm before clipping."""
    chosen = [examples[name] for name in batch["examples"]]
    weight_sum = sum(float(target_weights(e).double().sum()) for e in chosen)
    if weight_sum == 0:
        raise SystemExit(f"batches.jsonl: step {batch['step']}: no token is trained")
    optimiser.zero_grad(set_to_none=True)
    loss = 0.0
    for example in chosen:
        part = (target_weights(example) * token_nll(model, example)).sum() / weight_sum
        part.backward()
        loss += float(part.detach())
    norm = float(torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(p.grad) for p in parameters])))
    if clip_norm > 0:
        factor = min(1.0, clip_norm / (norm + 1e-6))
        for parameter in parameters:
            parameter.grad.mul_(factor)
    for group in optimiser.param_groups:
        group["lr"] = batch["lr"]
    optimiser.step()
    return loss, norm


@torch.no_grad()
def heldout_nll(model, examples):
    """{"weighted": sum(w nll) / sum(w), "byKind": {kind: {"nll", "tokens"}}}.

    byKind is a plain mean over all tokens of a kind, those of weight 0 included.
    """
    weighted, weight_sum = 0.0, 0.0
    sums, counts = defaultdict(float), defaultdict(int)
    for example in examples:
        nll, weights = token_nll(model, example).double(), target_weights(example).double()
        weighted += float((weights * nll).sum())
        weight_sum += float(weights.sum())
        for kind, value in zip(example["kinds"][1:], nll.tolist()):
            sums[kind] += value
            counts[kind] += 1
    by_kind = {kind: {"nll": sums[kind] / counts[kind], "tokens": counts[kind]} for kind in sorted(sums)}
    return {"weighted": weighted / weight_sum if weight_sum else None, "byKind": by_kind}


def recorded_metrics(path):
    """step -> line of a metrics.jsonl; where a resumed run wrote a step twice, the later line counts."""
    return {line["step"]: line for line in read_jsonl(path)}


def relative_difference(found, expected):
    """|found - expected| / |expected|; infinite when either is not a finite number (JSON has null for those)."""
    if expected is None or not (math.isfinite(found) and math.isfinite(expected)):
        return math.inf
    return 0.0 if found == expected else abs(found - expected) / max(abs(expected), 1e-30)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--export", required=True, metavar="DIR", help="folder of `retort export --to masked-jsonl`")
    parser.add_argument("--student", required=True, metavar="FILE", help="the GGUF file the run trained on")
    parser.add_argument("--steps", type=int, metavar="N", help="repeat the first N steps only")
    parser.add_argument("--metrics", metavar="FILE", help="the run's metrics.jsonl: compare with its losses")
    parser.add_argument("--tolerance", type=float, default=1e-3, help="largest relative difference allowed (1e-3)")
    parser.add_argument("--heldout", action="store_true", help="mean NLL of the held-out examples before and after")
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its own choice)")
    return parser.parse_args()


def main():
    args = arguments()
    if args.threads:
        torch.set_num_threads(args.threads)
    config, examples, batches, tensors = read_export(args.export)
    if args.steps is not None:
        batches = batches[: max(0, args.steps)]
    if not batches:
        raise SystemExit("expected at least one step to repeat, found none")
    recorded = recorded_metrics(args.metrics) if args.metrics else {}
    missing = [batch["step"] for batch in batches if args.metrics and batch["step"] not in recorded]
    if missing:
        raise SystemExit(f"{args.metrics}: expected a line for every repeated step, found none for {missing}")
    model = adapter_from(load_student(args.student), tensors, config["rank"], config["alpha"])
    parameters = [p for p in model.parameters() if p.requires_grad]
    settings = config["optimiser"]
    optimiser = torch.optim.AdamW(
        parameters,
        betas=(settings["beta1"], settings["beta2"]),
        eps=settings["eps"],
        weight_decay=settings["weightDecay"],
    )
    heldout = [e for e in examples.values() if e["split"] == "heldout"] if args.heldout else []
    if args.heldout and not heldout:
        raise SystemExit("examples.jsonl: expected held-out examples (--heldout), found none")
    summary = {"steps": len(batches)}
    if heldout:
        summary["heldout"] = {"examples": len(heldout), "before": heldout_nll(model, heldout)}
    worst = {"loss": 0.0, "gradNorm": 0.0}
    print("step        loss    gradNorm          lr" + ("    recorded  difference" if recorded else ""))
    for batch in batches:
        loss, norm = train_step(model, parameters, optimiser, batch, examples, config["clipNorm"])
        line = f"{batch['step']:4d}  {loss:10.6f}  {norm:10.6f}  {batch['lr']:10.3e}"
        if recorded:
            seen = recorded[batch["step"]]
            difference = relative_difference(loss, seen["loss"])
            worst["loss"] = max(worst["loss"], difference)
            if "gradNorm" in seen:
                worst["gradNorm"] = max(worst["gradNorm"], relative_difference(norm, seen["gradNorm"]))
            line += f"  {seen['loss']:10.6f}  {difference:10.2e}"
        print(line, flush=True)
    if heldout:
        summary["heldout"]["after"] = heldout_nll(model, heldout)
    if recorded:
        summary |= {"maxRelativeDifference": worst, "tolerance": args.tolerance}
    print(json.dumps(summary, indent=1))
    sys.exit(1 if worst["loss"] > args.tolerance else 0)


if __name__ == "__main__":
    main()
