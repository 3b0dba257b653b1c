"""Values and gradients of loss rows that losses.json lacks, and of a combined objective through a whole model, in float64.

    python make_more.py        (torch, gguf, numpy, safetensors; reads this folder and ../tiny; writes more.* and combined.*)

Written from the definitions (docs: the formulas of core/nn/losses), not from the product's code: probabilities are added up and
subtracted from 1, nothing is masked, and autograd makes the gradients. The product never needs this file.
"""
import json
from pathlib import Path

import gguf
import torch
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def kl(p, q):
    return (p * (p.log() - q.log())).sum(-1)


def jsd(t, s, b):
    m = (1 - b) * s + b * t
    return b * kl(t, m) + (1 - b) * kl(s, m)


def with_tail(p, named):
    """Probabilities of the named ids, and what is left as one outcome. p [N, V]; named: a list of ids per row, or [N, K]."""
    rows = [torch.cat([row[ids], (1 - row[ids].sum()).reshape(1)]) for row, ids in zip(p, named)]
    return rows


def soften(p, temperature):
    x = p ** (1 / temperature)
    return x / x.sum(-1, keepdim=True)


def top(p, k):
    return torch.topk(p, k, dim=-1).indices


# ---- single rows, on the inputs of losses.safetensors -------------------------------------------------------------------------
golden = json.loads((HERE / "losses.json").read_text())
inputs = load_file(HERE / "losses.safetensors")
K, V = golden["k"], golden["vocab"]
weights = torch.tensor(golden["weights"])
T = torch.softmax(inputs["teacher_logits"].double(), -1)
OTHER = torch.softmax(inputs["teacher_logits_uld"].double(), -1)  # 80 tokens of another vocabulary
shared = [j for j in range(V) if j % 2 == 0]  # token j of both, where j is even; all others have no counterpart
unshared = [j for j in range(V) if j % 2 == 1]


def topk_reverse(s):
    S, named = torch.softmax(s, -1), top(T, K)
    return torch.stack([kl(a, b) for a, b in zip(with_tail(S, named), with_tail(T, named))])


def topk_jsd(s):
    """The tail is one outcome also when softened."""
    S, named, temperature = torch.softmax(s, -1), top(T, K), 1.5
    pairs = zip(with_tail(T, named), with_tail(S, named))
    return temperature**2 * torch.stack([jsd(soften(t, temperature), soften(p, temperature), 0.3) for t, p in pairs])


def uld_l1_first(s):
    """Sorted L1 over as many places as the student has tokens; what the teacher's 16 further ones have is left out."""
    S = torch.softmax(s, -1)
    return (S.sort(-1, descending=True).values - OTHER.sort(-1, descending=True).values[:, :V]).abs().sum(-1)


def uld_mixed(s):
    """The teacher names its 8 most probable of 80: shared ones by JSD with one tail, the others by sorted L1 over 8 places."""
    S, overlap, beta, places = torch.softmax(s, -1), 0.4, 0.5, K
    out = []
    for p, t, ids in zip(S, OTHER, top(OTHER, K).tolist()):
        both = [j for j in ids if j in shared]
        rest = sorted((float(t[j]) for j in ids if j not in shared), reverse=True)
        mine = torch.cat([p[both], (1 - p[both].sum()).reshape(1)])
        theirs = torch.cat([t[both], (1 - t[both].sum()).reshape(1)])
        own = p[unshared].sort(descending=True).values[:places]
        padded = torch.tensor(rest + [0.0] * (places - len(rest)))
        out.append(overlap * jsd(theirs, mine, beta) + (1 - overlap) * (own - padded).abs().sum())
    return torch.stack(out)


ROWS = {"topk8_tail_reverse_kl": topk_reverse, "topk8_tail_jsd_beta_0.3_temp1.5": topk_jsd, "uld_l1_first64": uld_l1_first, "uld_mixed": uld_mixed}
losses, tensors = {}, {}
for name, row in ROWS.items():
    s = inputs["student_logits"].double().requires_grad_()
    per = row(s)
    mean = (weights * per).sum() / weights.sum()
    mean.backward()
    losses[name] = {"per_token": per.tolist(), "weighted_mean": mean.item()}
    tensors[f"{name}.grad"] = s.grad.float().contiguous()
save_file(tensors, HERE / "more.safetensors")
(HERE / "more.json").write_text(json.dumps({"losses": losses, "versions": {"torch": torch.__version__}}, indent=1) + "\n")


# ---- a combined objective through the tiny llama with an adapter ------------------------------------------------------------------
tiny = json.loads((HERE / "../tiny/llama_tied.json").read_text())
lora = {name: value.double() for name, value in load_file(HERE / "../tiny/llama_tied.safetensors").items() if ".lora_" in name and not name.endswith(".grad")}
W = {t.name: torch.tensor(t.data.copy()).double().reshape([int(n) for n in reversed(t.shape)]) for t in gguf.GGUFReader(HERE / "../tiny/llama_tied.gguf").tensors}
C = tiny["config"]
HEADS, KV, D, EPS, THETA = C["heads"], C["kv_heads"], C["head_dim"], C["rms_eps"], C["rope"]["rope_theta"]


def forward(ids, adapter):
    """Logits [T, V] of a llama whose rows of Q and K lie for interleaved RoPE."""
    n = len(ids)
    norm = lambda x, w: x / (x.pow(2).mean(-1, keepdim=True) + EPS).sqrt() * w
    angle = torch.arange(n)[:, None] * THETA ** (-torch.arange(0, D, 2) / D)[None]
    cos, sin = angle.cos()[:, None], angle.sin()[:, None]

    def linear(x, name):
        y = x @ W[name].T
        if adapter is not None:
            y = y + tiny["lora"]["scale"] * (x @ adapter[f"{name}.lora_a"].T) @ adapter[f"{name}.lora_b"].T
        return y

    def rope(x):
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], -1).flatten(-2)

    h = W["token_embd.weight"][ids]
    causal = torch.full((n, n), float("-inf")).triu(1)
    for layer in range(C["n_layer"]):
        at = lambda part: f"blk.{layer}.{part}.weight"
        x = norm(h, W[at("attn_norm")])
        q = rope(linear(x, at("attn_q")).view(n, HEADS, D))
        k, v = rope(linear(x, at("attn_k")).view(n, KV, D)), linear(x, at("attn_v")).view(n, KV, D)
        k, v = k.repeat_interleave(HEADS // KV, 1), v.repeat_interleave(HEADS // KV, 1)
        scores = torch.einsum("ihd,jhd->hij", q, k) / D**0.5 + causal
        h = h + linear(torch.einsum("hij,jhd->ihd", scores.softmax(-1), v).reshape(n, -1), at("attn_output"))
        x = norm(h, W[at("ffn_norm")])
        h = h + linear(torch.nn.functional.silu(linear(x, at("ffn_gate"))) * linear(x, at("ffn_up")), at("ffn_down"))
    return norm(h, W["output_norm.weight"]) @ W["token_embd.weight"].T


reference = load_file(HERE / "../tiny/llama_tied.safetensors")["lora.logits"].double()
off = (forward(tiny["ids"], lora) - reference).abs().max().item()
assert off < 1e-4, f"this forward pass is not the golden's: {off}"

# Two trajectories with thoughts, an action and an answer; weights as a run with settings of its own gives them.
KINDS = [(8, "context"), (20, "reason"), (31, "act"), (40, "final")]
WEIGHTS = {"context": (0.0, 0.0), "reason": (0.1, 0.5), "act": (2.0, 0.25), "final": (3.0, 0.0)}  # ce, kl
BETA, TEMPERATURE, STAY_CLOSE, TEACHER_TOP, BASE_TOP = 0.3, 1.5, 0.2, 6, 32
FACTORS = [1.0, 0.3]  # L_curriculum
sequences = [tiny["ids"], [(7 * id + 11) % C["vocab"] for id in tiny["ids"][:28]]]


def teacher(example, token):
    """A made-up distribution; rounded to what a file holds."""
    logits = 2.5 * torch.sin(7.0 * torch.arange(C["vocab"]) + 3.0 * token + example)
    p = torch.softmax(logits, -1)
    ids = top(p, TEACHER_TOP)
    return ids.tolist(), p[ids].log().float().double()


params = {name: value.clone().requires_grad_() for name, value in lora.items()}
total = sum(sum(WEIGHTS[kind]) for ids in sequences for at in range(1, len(ids)) for kind in [next(k for end, k in KINDS if at < end)])
plain, paced, examples = 0.0, 0.0, []
by_kind = {}
for example, ids in enumerate(sequences):
    S = torch.softmax(forward(ids, params), -1)
    with torch.no_grad():
        base = torch.softmax(forward(ids, None), -1)
    rows, kinds, own = {}, ["context"], 0.0
    for at in range(1, len(ids)):
        kind = next(k for end, k in KINDS if at < end)
        kinds.append(kind)
        ce, weight = WEIGHTS[kind]
        if ce + weight == 0:
            continue
        s = S[at - 1]
        loss = -ce * s[ids[at]].log()
        if weight > 0:
            named, logs = teacher(example, at)
            rows[at] = {"ids": named, "logProbs": logs.tolist()}
            t = torch.cat([logs.exp(), (1 - logs.exp().sum()).reshape(1)])
            mine = torch.cat([s[named], (1 - s[named].sum()).reshape(1)])
            divergence = TEMPERATURE**2 * jsd(soften(t, TEMPERATURE), soften(mine, TEMPERATURE), BETA)
            by_kind.setdefault(kind, []).append(divergence.item())
            loss = loss + weight * divergence
        named = top(base[at - 1], BASE_TOP)
        close = kl(*(torch.cat([p[named], (1 - p[named].sum()).reshape(1)]) for p in (base[at - 1], s)))
        own = own + (loss + STAY_CLOSE * (ce + weight) * close) / total
    plain, paced = plain + own, paced + FACTORS[example] * own
    examples.append({"ids": ids, "kinds": kinds, "teacher": rows})

out = {}
for objective, value in (("plain", plain), ("paced", paced)):
    for p in params.values():
        p.grad = None
    value.backward(retain_graph=True)
    for name, p in params.items():
        out[f"{objective}.{name}.grad"] = p.grad.float().contiguous()
save_file(out, HERE / "combined.safetensors")
(HERE / "combined.json").write_text(json.dumps({
    "weights": {kind: {"ce": ce, "kl": weight} for kind, (ce, weight) in WEIGHTS.items()},
    "klBeta": BETA, "temperature": TEMPERATURE, "stayClose": STAY_CLOSE, "k": TEACHER_TOP, "factors": FACTORS,
    "loss": plain.item(), "minimised": paced.item(), "klByKind": {kind: sum(all) / len(all) for kind, all in by_kind.items()},
    "examples": examples, "versions": {"torch": torch.__version__},
}) + "\n")
print("forward pass against the golden:", off)
for name, loss in losses.items():
    print(name, loss["weighted_mean"])
print("combined", plain.item(), paced.item())
