using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>What the RFCs' tables of options say, against what the engine takes in a request.</summary>
internal sealed class OptionRuleTests
{
    private const bool Once = false;
    private const bool Repeatable = true;

    // RFC 7252 §5.10, table 4; RFC 7641 §2; RFC 7959 §2.1 and §4; RFC 7967 §2; RFC 9175 §2.2.1 and §3.2.
    [TestCase(1, 0, 8, Repeatable, TestName = "If-Match")]
    [TestCase(3, 1, 255, Once, TestName = "Uri-Host")]
    [TestCase(4, 1, 8, Repeatable, TestName = "ETag")]
    [TestCase(5, 0, 0, Once, TestName = "If-None-Match")]
    [TestCase(6, 0, 3, Once, TestName = "Observe")]
    [TestCase(7, 0, 2, Once, TestName = "Uri-Port")]
    [TestCase(11, 0, 255, Repeatable, TestName = "Uri-Path")]
    [TestCase(12, 0, 2, Once, TestName = "Content-Format")]
    [TestCase(15, 0, 255, Repeatable, TestName = "Uri-Query")]
    [TestCase(17, 0, 2, Once, TestName = "Accept")]
    [TestCase(23, 0, 3, Once, TestName = "Block2")]
    [TestCase(27, 0, 3, Once, TestName = "Block1")]
    [TestCase(28, 0, 4, Once, TestName = "Size2")]
    [TestCase(35, 1, 1034, Once, TestName = "Proxy-Uri")]
    [TestCase(39, 1, 255, Once, TestName = "Proxy-Scheme")]
    [TestCase(60, 0, 4, Once, TestName = "Size1")]
    [TestCase(252, 1, 40, Once, TestName = "Echo")]
    [TestCase(258, 0, 1, Once, TestName = "No-Response")]
    [TestCase(292, 0, 8, Repeatable, TestName = "Request-Tag")]
    public void The_engine_has_the_RFCs_rule(int number, int minLength, int maxLength, bool repeatable)
    {
        var rule = OptionRule.Of(number)!.Value;

        Assert.That((rule.MinLength, rule.MaxLength, rule.Repeatable), Is.EqualTo((minLength, maxLength, repeatable)));
        Assert.That(rule.ForResource, Is.EqualTo(number is OptionNumber.IfMatch or OptionNumber.IfNoneMatch));
    }

    // They say something in an answer only; and they are elective, so that a request with one is served.
    [TestCase(8, TestName = "Location-Path")]
    [TestCase(14, TestName = "Max-Age")]
    [TestCase(20, TestName = "Location-Query")]
    public void What_is_for_answers_has_no_rule_in_a_request(int number)
    {
        Assert.That(OptionRule.Of(number), Is.Null);
        Assert.That(OptionNumber.IsCritical(number), Is.False);
    }

    // RFC 7252 §5.4.3, §5.4.5: a critical option that breaks its rule is refused, an elective one is ignored.
    [Test]
    public void Each_is_taken_up_to_its_bounds_and_not_beyond()
    {
        var (lengths, repetitions) = (0, 0);
        foreach (var number in Enumerable.Range(0, 300))
        {
            if (OptionRule.Of(number) is { } rule)
            {
                int[] tried = [rule.MinLength - 1, rule.MinLength, rule.MaxLength, rule.MaxLength + 1];
                foreach (var length in tried.Where(length => length >= 0))
                {
                    var isFault = (length < rule.MinLength || length > rule.MaxLength) && OptionNumber.IsCritical(number);
                    Assert.That(FaultOf(number, length)?.Kind, Is.EqualTo(isFault ? OptionFaultKind.WrongLength : (OptionFaultKind?)null), $"option {number} with {length} bytes");
                    lengths++;
                }

                var mayNot = !rule.Repeatable && OptionNumber.IsCritical(number);
                Assert.That(
                    FaultOf(number, rule.MinLength, rule.MinLength)?.Kind, Is.EqualTo(mayNot ? OptionFaultKind.Repeated : (OptionFaultKind?)null), $"option {number} twice");
                repetitions++;
            }
        }

        Assert.That((lengths, repetitions), Is.EqualTo((62, 19)), "none was left out");
    }

    private static OptionFault? FaultOf(int number, params int[] lengths)
    {
        var datagram = CoapCodec.Encode(new CoapMessage(MessageType.Confirmable, CoapCode.Put, new MessageId(1))
        {
            Options = [.. lengths.Select(length => new CoapOption(number, new byte[length]))],
        });
        return CoapCodec.TryRead(datagram, out var message, out var error) ? RequestOptions.Read(message).Fault : throw new AssertionException($"{error}");
    }
}
