using CsCheck;
using Gateway.Devices;

namespace Gateway.Tests.Devices;

internal sealed class DeviceIdTests
{
    [TestCase("282c02424eed")]
    [TestCase("urn:imei:356938035643809")]
    [TestCase("a.b_c-d@e")]
    public void These_are_device_ids(string text) => Assert.That(DeviceId.TryParse(text, out var id) && id.ToString() == text);

    [TestCase("")]
    [TestCase(null)]
    [TestCase("a b")]
    [TestCase("a/b")]
    [TestCase("a+b")]
    [TestCase("a#b")]
    [TestCase("größe")]
    [TestCase("a\n")]
    public void These_are_not(string? text)
    {
        Assert.That(DeviceId.TryParse(text, out var id), Is.False);
        Assert.That(id.IsNone);
        Assert.That(DeviceId.Problem(text), Is.Not.Empty);
    }

    [Test]
    public void An_id_has_128_characters_at_most() => Assert.That(
        (DeviceId.TryParse(new string('a', 128), out _), DeviceId.TryParse(new string('a', 129), out _)), Is.EqualTo((true, false)));

    [Test]
    public void Any_text_is_an_id_or_has_a_problem() => Gen.String.Sample(text =>
        DeviceId.TryParse(text, out var id) ? id.ToString() == text : DeviceId.Problem(text).Length > 0);
}
