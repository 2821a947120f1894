"""Shapes, configs, and what each network may and may not see."""

import pytest
import torch

from components.style_e.networks import AudioEncoder, Conditioner, MotionDenoiser, MotionRegressor, Statistics

WIDTH, CHANNELS = 16, 50


def rand(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def test_shapes():
    audio = AudioEncoder(20, WIDTH, 2).eval()(rand(3, 4 * 36, 20))
    assert audio.shape == (3, 32, WIDTH)
    yes = torch.ones(3, dtype=torch.bool)
    condition = Conditioner(24, 44, WIDTH, 22)(rand(3, 24), rand(3, 44), yes, yes)
    draft = MotionRegressor(CHANNELS, WIDTH)(audio, condition)
    assert draft.shape == (3, 32, CHANNELS)
    clean = MotionDenoiser(CHANNELS, WIDTH, 2, 32)(rand(3, 32, CHANNELS), torch.arange(3), audio, draft, condition)
    assert clean.shape == (3, 32, CHANNELS)


def test_an_untrained_denoiser_returns_the_draft():
    denoiser, draft = MotionDenoiser(CHANNELS, WIDTH, 1, 32), rand(1, 32, CHANNELS)
    clean = denoiser(rand(1, 32, CHANNELS), torch.tensor([999]), rand(1, 32, WIDTH), draft, rand(1, WIDTH))
    torch.testing.assert_close(clean, draft)


def test_a_text_that_is_dropped_does_not_matter():
    net, yes, no = Conditioner(24, 44, WIDTH, 22), torch.tensor([True]), torch.tensor([False])
    face = rand(1, 44)
    torch.testing.assert_close(net(rand(1, 24), face, no, yes), net(2 + rand(1, 24), face, no, yes))
    assert not torch.allclose(net(rand(1, 24), face, yes, yes), net(2 + rand(1, 24), face, yes, yes))
    torch.testing.assert_close(net(rand(1, 24), face, yes, no), net(rand(1, 24), face + 1, yes, no))


def test_audio_vectors_lie_in_time_with_the_mel():
    # Only group normalization lets far frames see a change; the change itself must sit where the mel changed.
    net = AudioEncoder(20, WIDTH, 2).eval()
    quiet = torch.zeros(1, 4 * 36, 20)
    loud = quiet.clone()
    loud[:, 4 * (2 + 17) : 4 * (2 + 18)] += 5  # video frame 17 of the window
    change = (net(loud) - net(quiet)).abs().sum(-1)[0]
    assert abs(int(change.argmax()) - 17) <= 1


@pytest.mark.parametrize(
    "net",
    [
        AudioEncoder(20, WIDTH, 2), Conditioner(24, 44, WIDTH, 22), MotionRegressor(CHANNELS, WIDTH),
        MotionDenoiser(CHANNELS, WIDTH, 1, 32), Statistics(CHANNELS, 20),
    ],
    ids=lambda net: type(net).__name__,
)  # fmt: skip
def test_each_saves_and_loads_by_itself(net, tmp_path):
    for tensor in net.state_dict().values():
        tensor.copy_(torch.rand(tensor.shape))
    net.save_pretrained(tmp_path)
    again = type(net).from_pretrained(tmp_path)
    sizes = {name for name in net.config if not name.startswith("_")}
    assert {name: again.config[name] for name in sizes} == {name: net.config[name] for name in sizes}
    for name, tensor in net.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], tensor)
