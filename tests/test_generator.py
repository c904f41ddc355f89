"""What the generator sees of a picture."""

import pytest
import torch

from reexposure.training.generator import Architecture, Generator, masks_of

pytestmark = pytest.mark.extras


def test_attention_changes_nothing_until_it_is_taught_and_then_sees_the_whole_picture():
    torch.manual_seed(0)
    plain = Generator(Architecture(widths=(8, 8, 8), dilations=(1,)))
    torch.nn.init.normal_(plain.head.weight)
    attentive = Generator(Architecture(widths=(8, 8, 8), dilations=(1,), attention=2))
    attentive.load_state_dict(plain.state_dict(), strict=False)
    encoded = torch.rand(1, 3, 32, 256)
    changed = encoded.clone()
    changed[..., -16:] = 1 - changed[..., -16:]

    def near_left(generator, picture):
        return generator(picture**2, masks_of(picture))[0][..., :16]

    torch.testing.assert_close(near_left(attentive, encoded), near_left(plain, encoded))
    torch.testing.assert_close(near_left(plain, changed), near_left(plain, encoded))
    for block in attentive.attention:
        torch.nn.init.normal_(block.answered.weight)
    assert (near_left(attentive, changed) - near_left(attentive, encoded)).abs().max() > 0.001
