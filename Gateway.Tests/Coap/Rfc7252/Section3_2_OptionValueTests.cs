using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §3.2: numbers in options.</summary>
internal sealed class Section3_2_OptionValueTests
{
    [TestCase(0u, "")]
    [TestCase(1u, "01")]
    [TestCase(255u, "ff")]
    [TestCase(256u, "0100")]
    [TestCase(65535u, "ffff")]
    [TestCase(65536u, "010000")]
    [TestCase(16777216u, "01000000")]
    [TestCase(uint.MaxValue, "ffffffff")]
    public void A_number_takes_as_few_bytes_as_it_can(uint value, string hex)
    {
        var option = UintOption.Of(OptionNumber.MaxAge, value);

        Assert.That(Convert.ToHexStringLower(option.Value.Span), Is.EqualTo(hex));
        Assert.That(UintOption.Read(option.Value.Span), Is.EqualTo(value));
    }

    [TestCase("00", 0u)]
    [TestCase("0000", 0u)]
    [TestCase("0001", 1u)]
    [TestCase("000001", 1u)]
    [TestCase("00000001", 1u)]
    public void Leading_zeros_are_taken(string hex, uint value) => Assert.That(UintOption.Read(Convert.FromHexString(hex)), Is.EqualTo(value));
}
