"""The patch discriminator: one logit a patch, which sees its patch alone and is asked about one class."""

from __future__ import annotations

import torch

from components.style_a.art.discriminator import PatchDiscriminator


def discriminator() -> PatchDiscriminator:
    torch.manual_seed(0)
    return PatchDiscriminator(5, (4, 6, 8)).eval()


def test_a_quarter_of_the_size_in_logits() -> None:
    logits = discriminator()(torch.zeros(2, 3, 32, 48), torch.tensor([0, 4]))
    assert logits.shape == (2, 1, 8, 12)


def test_a_logit_depends_on_its_patch_of_22_pixels_alone() -> None:
    picture = torch.rand(1, 3, 64, 64).requires_grad_()
    discriminator()(picture, torch.tensor([1]))[0, 0, 8, 8].backward()
    assert picture.grad is not None
    rows = picture.grad.abs().sum((0, 1, 3)).nonzero().ravel()
    columns = picture.grad.abs().sum((0, 1, 2)).nonzero().ravel()
    assert len(rows) == len(columns) == 22 - 4  # two convolutions of 4 with stride 2, one of 3 on top
    assert rows[-1] - rows[0] == 17


def test_the_class_decides() -> None:
    picture = torch.rand(2, 3, 16, 16)[:1].repeat(2, 1, 1, 1)
    same = discriminator()(picture, torch.tensor([2, 2]))
    other = discriminator()(picture, torch.tensor([2, 3]))
    assert torch.equal(same[0], same[1])
    assert (other[0] - other[1]).abs().max() > 1e-5
