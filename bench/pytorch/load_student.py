"""Load a student GGUF into transformers in fp32, frozen; and its token ids for a text."""
import os
import tempfile
from contextlib import contextmanager

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


@contextmanager
def _alone(path):
    """A folder that holds nothing but the GGUF, so that no config.json or tokenizer beside it is read in its place."""
    if not os.path.isfile(path):
        raise SystemExit(f"student: expected a GGUF file, found nothing at {path}")
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.abspath(path), os.path.join(folder, "student.gguf"))
        yield {"pretrained_model_name_or_path": folder, "gguf_file": "student.gguf"}


def load_student(path, attention="sdpa"):
    """The model of a GGUF file: fp32, in evaluation mode (no dropout), no parameter trains.

    transformers dequantises every tensor and turns the Q/K rows of llama files into its own order (halves).
    """
    with _alone(path) as source:
        model = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32, attn_implementation=attention)
    model.config.use_cache = False
    model.requires_grad_(False)
    return model.eval()


def encode(path, text):
    """Token ids of `text` by the tokenizer inside the GGUF; no special tokens are added."""
    with _alone(path) as source:
        tokenizer = AutoTokenizer.from_pretrained(**source)
    return tokenizer(text, add_special_tokens=False)["input_ids"]
