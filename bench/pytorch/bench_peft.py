"""Speed and memory of LoRA training with PyTorch + PEFT on this machine, as one JSON document on stdout."""
import argparse
import json
import os
import resource
import sys
import time
from contextlib import nullcontext

import torch

from adapter import fresh_adapter
from load_student import encode, load_student

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PASSAGE = os.path.join(ROOT, "resources", "bench", "passage.txt")


def peak_memory():
    """Largest resident size of this process so far, in bytes (VmHWM on Linux, else what getrusage says)."""
    if sys.platform == "linux":
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest if sys.platform == "darwin" else largest * 1024


def sequences(ids, tokens, steps):
    """`steps` windows of `tokens` ids, each starting where the one before ended; the passage is read in a circle."""
    if not ids:
        raise SystemExit("the text has no tokens")
    return [torch.tensor([[ids[(step * tokens + i) % len(ids)] for i in range(tokens)]]) for step in range(steps)]


def read_sequences(path):
    """(ids [1, T], labels [1, T]) of each line, shortest first; labels are -100 where the weight is 0, and what follows the last target is cut."""
    sequences = []
    with open(path, encoding="utf-8") as file:
        for line in filter(str.strip, file):
            example = json.loads(line)
            labels = [i if w > 0 and t > 0 else -100 for t, (i, w) in enumerate(zip(example["ids"], example["weights"]))]
            supervised = [t for t, label in enumerate(labels) if label != -100]
            if supervised:
                end = supervised[-1] + 1
                sequences.append((torch.tensor([example["ids"][:end]]), torch.tensor([labels[:end]])))
    return sorted(sequences, key=lambda pair: pair[0].shape[1])


def batches(sequences, size):
    """Neighbours of the sorted sequences in groups, padded at the right, where padding is seen by nothing and has no label."""
    for start in range(0, len(sequences), size):
        group = sequences[start : start + size]
        longest = max(ids.shape[1] for ids, _ in group)
        pad = lambda x, value: torch.nn.functional.pad(x, (0, longest - x.shape[1]), value=value)
        yield torch.cat([pad(ids, 0) for ids, _ in group]), torch.cat([pad(labels, -100) for _, labels in group])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--student", required=True, metavar="FILE", help="GGUF file")
    parser.add_argument("--tokens", type=int, default=512, help="tokens of a sequence, one sequence a step (512)")
    parser.add_argument("--steps", type=int, default=6, help="timed steps, after one warm-up step (6)")
    parser.add_argument("--rank", type=int, default=16, help="LoRA rank (16); alpha is twice the rank")
    parser.add_argument("--lr", type=float, default=2e-4)
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32", help="bf16 is autocast over fp32 weights")
    parser.add_argument("--checkpointing", action="store_true", help="recompute activations in the backward pass")
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its own choice)")
    parser.add_argument("--text", default=PASSAGE, metavar="FILE", help="text the sequences are cut from")
    parser.add_argument("--sequences", metavar="FILE", help="sequences of every step: lines with ids and weights, in place of a text")
    parser.add_argument("--batch", type=int, default=1, help="sequences of a forward pass, with --sequences (1)")
    args = parser.parse_args()
    if args.tokens < 2 or args.steps < 1:
        parser.error(f"expected at least 2 tokens and 1 step, found {args.tokens} and {args.steps}")
    return args


def main():
    args = arguments()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    with open(args.text, encoding="utf-8") as file:
        ids = encode(args.student, file.read())
    model = load_student(args.student, attention="sdpa")
    if args.checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    model = fresh_adapter(model, args.rank, 2 * args.rank)
    # Checkpointing acts in training mode only; neither the student nor the adapter has dropout.
    model.train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=args.lr, weight_decay=0.0)
    after_load = peak_memory()
    if args.sequences:
        own = read_sequences(args.sequences)
        steps = [own] * (args.steps + 1)
    else:
        steps = [[(batch, batch)] for batch in sequences(ids, args.tokens, args.steps + 1)]
    tokens = sum(batch.shape[1] for batch, _ in steps[0])
    supervised = sum(int((labels[:, 1:] != -100).sum()) for _, labels in steps[0])
    losses, seconds = [], []
    for step in steps:
        start = time.perf_counter()
        total = 0.0
        for batch, labels in batches(step, args.batch):
            with torch.autocast("cpu", dtype=torch.bfloat16) if args.dtype == "bf16" else nullcontext():
                loss = model(input_ids=batch, labels=labels, num_items_in_batch=supervised).loss
            loss.backward()
            total += float(loss.detach())
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        seconds.append(time.perf_counter() - start)
        losses.append(total)
    result = {
        "tokensPerSecond": tokens * args.steps / sum(seconds[1:]),
        "supervisedPerSecond": supervised * args.steps / sum(seconds[1:]),
        "tokensPerSecondBest": tokens / min(seconds[1:]),
        "stepSeconds": [round(s, 3) for s in seconds],
        "peakMemoryBytes": peak_memory(),
        "peakMemoryAfterLoadBytes": after_load,
        "lossFirst": losses[0],
        "lossLast": losses[-1],
        "threads": torch.get_num_threads(),
        "tokens": tokens,
        "batch": args.batch,
        "steps": args.steps,
        "rank": args.rank,
        "trainedParameters": sum(p.numel() for p in parameters),
        "dtype": args.dtype,
        "checkpointing": args.checkpointing,
        "torch": torch.__version__,
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
