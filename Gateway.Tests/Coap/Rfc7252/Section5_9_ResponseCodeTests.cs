using System.Net.Sockets;
using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §5.9: which code is the answer to what.</summary>
[TestFixture(AddressFamily.InterNetwork)]
[TestFixture(AddressFamily.InterNetworkV6)]
internal sealed class Section5_9_ResponseCodeTests(AddressFamily family) : RequestFixture(family)
{
    private CoapResponse _answer = new(CoapCode.Content);

    protected override void Furnish(TestSite site)
    {
        site["/any"] = new TestResource(_ => _answer);
        site["/json"] = new TestResource(Remember) { TakesFormats = new HashSet<int> { 50, 60 }, Gives = 50 };
        site["/broken"] = new TestResource((CoapRequest _) => throw new InvalidOperationException("a defect"));
        site["/confused"] = new TestResource(_ => new CoapResponse(CoapCode.Post));
        site["/reserved"] = new TestResource(_ => new CoapResponse(CoapCode.Of(6, 0)));
        site["/empty"] = new TestResource(_ => new CoapResponse(CoapCode.Empty));
    }

    [TestCase("2.01")]
    [TestCase("2.02")]
    [TestCase("2.03")]
    [TestCase("2.04")]
    [TestCase("2.05")]
    [TestCase("4.00")]
    [TestCase("4.01")]
    [TestCase("4.03")]
    [TestCase("4.12")]
    [TestCase("5.01")]
    [TestCase("5.02")]
    [TestCase("5.03")]
    [TestCase("5.04")]
    [TestCase("2.30", Description = "unassigned; a resource that means it may say it (§5.9)")]
    public void What_a_resource_says_is_sent(string code)
    {
        _answer = new CoapResponse(Code(code));
        Device.Send(CON, 1, GET, "/any").Expect(ACK, 1, code);
    }

    [TestCase("/confused")]
    [TestCase("/reserved")]
    [TestCase("/empty")]
    public void What_is_no_response_code_is_answered_5_00_and_logged(string path)
    {
        Device.Send(CON, 1, GET, path).Expect(ACK, 1, "5.00");
        Assert.That(Server.Log.TakeErrors(), Has.Exactly(1).Contains(path));
    }

    [Test]
    public void A_path_where_nothing_is_is_answered_4_04()
    {
        Device.Send(CON, 1, GET, "/m/x").Expect(ACK, 1, "4.04");
        Device.Send(CON, 2, GET, "/M").Expect(ACK, 2, "4.04");
        Device.Send(CON, 3, GET).Expect(ACK, 3, "4.04");
    }

    [Test]
    public void A_format_that_can_not_be_given_is_answered_4_06()
    {
        Device.Send(CON, 1, GET, "/json", "", Number(OptionNumber.Accept, 60)).Expect(ACK, 1, "4.06");
        Device.Send(CON, 2, GET, "/json", "", Number(OptionNumber.Accept, 50)).Expect(ACK, 2, "2.04");
    }

    [Test]
    public void A_payload_that_is_too_large_is_answered_4_13_with_the_limit()
    {
        Device.Send(CON, 1, POST, "/m", new string('x', MaxPayload)).Expect(ACK, 1, "2.04");
        Device.Send(CON, 2, POST, "/m", new string('x', MaxPayload + 1)).Expect(ACK, 2, "4.13");
        Assert.That(AnsweredNumber(OptionNumber.Size1), Is.EqualTo(MaxPayload));
    }

    [Test]
    public void A_payload_in_a_format_that_is_not_taken_is_answered_4_15()
    {
        Device.Send(CON, 1, POST, "/json", "x", Number(OptionNumber.ContentFormat, 0)).Expect(ACK, 1, "4.15");
        Device.Send(CON, 2, POST, "/json", "x", Number(OptionNumber.ContentFormat, 60)).Expect(ACK, 2, "2.04");
        Device.Send(CON, 3, POST, "/json", "x").Expect(ACK, 3, "2.04");
        Device.Send(CON, 4, POST, "/json", "", Number(OptionNumber.ContentFormat, 0)).Expect(ACK, 4, "2.04");
    }

    [Test]
    public void A_failure_is_answered_5_00()
    {
        Device.Send(CON, 1, GET, "/broken").Expect(ACK, 1, "5.00").Send(NON, 2, GET, "/broken").Expect(NON, "5.00");
        Assert.That(Server.Log.TakeErrors(), Has.Exactly(2).Contains("a defect"));
    }

    [Test]
    public void Unavailable_can_say_when_to_come_back()
    {
        _answer = new CoapResponse(CoapCode.ServiceUnavailable) { MaxAge = 60 };
        Device.Send(CON, 1, POST, "/any").Expect(ACK, 1, "5.03");
        Assert.That(AnsweredNumber(OptionNumber.MaxAge), Is.EqualTo(60));
    }

    [Test]
    public void A_NON_is_refused_by_a_NON() => Device.Send(NON, 1, GET, "/nowhere").Expect(NON, "4.04");
}
