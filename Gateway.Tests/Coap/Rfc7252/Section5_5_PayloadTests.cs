using System.Text;
using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §5.5: representations, and the texts that tell a person what was wrong.</summary>
internal sealed class Section5_5_PayloadTests : RequestFixture
{
    protected override void Furnish(TestSite site)
    {
        site["/bytes"] = new TestResource(_ => new CoapResponse(CoapCode.Content) { Payload = new byte[] { 0xff, 0, 0xff }, ContentFormat = 42 });
        site["/empty"] = new TestResource(_ => new CoapResponse(CoapCode.Content) { ContentFormat = 0 });
        site["/error"] = new TestResource(_ => CoapResponse.Error(CoapCode.Forbidden, "für Sie nicht"));
        site["/broken"] = new TestResource((CoapRequest _) => throw new InvalidOperationException("the password is swordfish"));
    }

    [Test]
    public void A_payload_arrives_byte_by_byte()
    {
        Device.SendBytes([0x42, 0x02, 0, 1, 0xca, 0xfe, 0xb1, (byte)'m', 0xff, 0xff, 0x00, 0xff]).Expect(ACK, 1, "2.04");
        Assert.That(Seen!.Payload.ToArray(), Is.EqualTo(new byte[] { 0xff, 0x00, 0xff }));
    }

    [Test]
    public void A_representation_is_given_with_its_format()
    {
        Device.Send(CON, 1, GET, "/bytes").Expect(ACK, 1, "2.05");
        Assert.That(Device.Last.Payload.ToArray(), Is.EqualTo(new byte[] { 0xff, 0x00, 0xff }));
        Assert.That(AnsweredNumber(OptionNumber.ContentFormat), Is.EqualTo(42));
    }

    [Test]
    public void An_empty_representation_has_no_payload_marker()
    {
        Device.Send(CON, 1, GET, "/empty").Expect(ACK, 1, "2.05");
        Assert.That(Convert.ToHexStringLower(Device.LastDatagram), Is.EqualTo("62450001cafec0"));
    }

    [Test]
    public void A_diagnostic_is_UTF_8_without_a_format()
    {
        Device.Send(CON, 1, GET, "/error").Expect(ACK, 1, "4.03");
        Assert.That(Device.LastText, Is.EqualTo("für Sie nicht"));
        Assert.That(Device.Last.Options, Is.Empty);
    }

    [TestCase("/nowhere", "4.04")]
    [TestCase("/m", "4.05", 4)]
    [TestCase("/m", "4.02", 1, UnknownCritical)]
    [TestCase("/m", "5.05", 1, OptionNumber.ProxyUri)]
    public void What_the_engine_refuses_it_explains(string path, string code, int method = 1, int option = UnknownElective)
    {
        Device.Send(CON, 1, new CoapCode((byte)method), path, "", Text(option, "x")).Expect(ACK, 1, code);

        Assert.That(Device.LastText, Is.Not.Empty);
        Assert.That(Encoding.UTF8.GetBytes(Device.LastText), Is.EqualTo(Device.Last.Payload.ToArray()));
        Assert.That(Answered(OptionNumber.ContentFormat), Is.Empty);
    }

    [Test]
    public void What_failed_inside_is_said_to_the_log_alone()
    {
        Device.Send(CON, 1, GET, "/broken").Expect(ACK, 1, "5.00");

        Assert.That(Device.LastText, Is.Not.Empty.And.Not.Contain("swordfish"));
        Assert.That(Server.Log.TakeErrors(), Has.Exactly(1).Contains("/broken").And.Contains("swordfish"));
    }
}
