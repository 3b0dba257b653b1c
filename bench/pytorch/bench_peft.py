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
    losses, seconds = [], []
    for batch in sequences(ids, args.tokens, args.steps + 1):
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16) if args.dtype == "bf16" else nullcontext():
            loss = model(input_ids=batch, labels=batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        seconds.append(time.perf_counter() - start)
        losses.append(float(loss.detach()))
    result = {
        "tokensPerSecond": args.tokens * args.steps / sum(seconds[1:]),
        "tokensPerSecondBest": args.tokens / min(seconds[1:]),
        "stepSeconds": [round(s, 3) for s in seconds],
        "peakMemoryBytes": peak_memory(),
        "peakMemoryAfterLoadBytes": after_load,
        "lossFirst": losses[0],
        "lossLast": losses[-1],
        "threads": torch.get_num_threads(),
        "tokens": args.tokens,
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
