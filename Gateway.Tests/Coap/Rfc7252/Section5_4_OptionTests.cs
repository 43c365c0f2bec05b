using System.Net.Sockets;
using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §5.4: critical and elective options, their lengths, and how often they may come.</summary>
[TestFixture(AddressFamily.InterNetwork)]
[TestFixture(AddressFamily.InterNetworkV6)]
internal sealed class Section5_4_OptionTests(AddressFamily family) : RequestFixture(family)
{
    private const int OwnOption = 2053;

    protected override void Furnish(TestSite site) => site["/own"] = new TestResource(Remember) { Understands = new HashSet<int> { OwnOption } };

    [Test]
    public void An_unknown_critical_option_is_answered_4_02_with_its_number()
    {
        Device.Send(CON, 1, GET, "/m", "", Text(UnknownCritical, "x")).Expect(ACK, 1, "4.02");
        Assert.That(Device.LastText, Is.EqualTo("unknown critical option 65001"));
        Assert.That(Seen, Is.Null);
    }

    [Test]
    public void An_unknown_critical_option_comes_before_not_found() =>
        Device.Send(CON, 1, GET, "/nowhere", "", Text(UnknownCritical, "x")).Expect(ACK, 1, "4.02");

    [Test]
    public void An_unknown_critical_option_in_a_NON_is_met_with_silence() =>
        Device.Send(NON, 1, GET, "/m", "", Text(UnknownCritical, "x")).ExpectSilence();

    [Test]
    public void An_unknown_elective_option_is_ignored() =>
        Device.Send(CON, 1, GET, "/m", "", Text(UnknownElective, "x")).Expect(ACK, 1, "2.04");

    [Test]
    public void Unknown_elective_options_may_be_long_and_many() =>
        Device.Send(CON, 1, GET, "/m", "", [.. Enumerable.Range(0, 100).Select(_ => Opaque(UnknownElective, 300))]).Expect(ACK, 1, "2.04");

    // RFC 7252 §5.4.6: the lowest bit of the number says which it is.
    [TestCase(9, "4.02")]
    [TestCase(10, "2.04")]
    [TestCase(65535, "4.02")]
    [TestCase(65534, "2.04")]
    public void An_odd_number_is_critical(int number, string code) => Device.Send(CON, 1, GET, "/m", "", Opaque(number, 0)).Expect(ACK, 1, code);

    [TestCase(OptionNumber.IfMatch, true)]
    [TestCase(OptionNumber.UriHost, true)]
    [TestCase(OptionNumber.ETag, false)]
    [TestCase(OptionNumber.UriPath, true)]
    [TestCase(OptionNumber.ContentFormat, false)]
    [TestCase(OptionNumber.MaxAge, false)]
    [TestCase(OptionNumber.Accept, true)]
    [TestCase(OptionNumber.Size1, false)]
    [TestCase(0, false)]
    [TestCase(1, true)]
    public void What_is_critical_follows_from_the_number(int number, bool critical) => Assert.That(OptionNumber.IsCritical(number), Is.EqualTo(critical));

    [Test]
    public void An_option_that_the_resource_knows_is_left_to_it()
    {
        Device.Send(CON, 1, GET, "/own", "", Text(OwnOption, "x")).Expect(ACK, 1, "2.04");
        Device.Send(CON, 2, GET, "/m", "", Text(OwnOption, "x")).Expect(ACK, 2, "4.02");
    }

    [Test]
    public void A_critical_option_of_a_wrong_length_is_answered_4_02()
    {
        Device.Send(CON, 1, GET, "/m", "", Text(OptionNumber.Accept, "xyz")).Expect(ACK, 1, "4.02");
        Assert.That(Device.LastText, Does.Contain("option 17"));
        Device.Send(CON, 2, GET, "", "", Text(OptionNumber.UriPath, new string('x', 256))).Expect(ACK, 2, "4.02");
        Assert.That(Device.LastText, Does.Contain("option 11"));
        Device.Send(CON, 3, GET, "/m", "", Opaque(OptionNumber.UriHost, 0)).Expect(ACK, 3, "4.02");
        Assert.That(Device.LastText, Does.Contain("option 3"));
        Device.Send(CON, 4, GET, "/m", "", Opaque(OptionNumber.UriPort, 3)).Expect(ACK, 4, "4.02");
        Assert.That(Device.LastText, Does.Contain("option 7"));
    }

    [Test]
    public void A_critical_option_of_a_wrong_length_in_a_NON_is_met_with_silence() =>
        Device.Send(NON, 1, GET, "/m", "", Text(OptionNumber.Accept, "xyz")).ExpectSilence();

    [Test]
    public void A_critical_option_that_is_repeated_against_its_rule_is_answered_4_02()
    {
        Device.Send(CON, 1, GET, "/m", "", Number(OptionNumber.Accept, 1), Number(OptionNumber.Accept, 2)).Expect(ACK, 1, "4.02");
        Assert.That(Device.LastText, Does.Contain("option 17"));
        Device.Send(CON, 2, GET, "/m", "", Text(OptionNumber.UriHost, "a"), Text(OptionNumber.UriHost, "b")).Expect(ACK, 2, "4.02");
        Assert.That(Device.LastText, Does.Contain("option 3"));
    }

    [Test]
    public void An_elective_option_of_a_wrong_length_is_ignored()
    {
        Device.Send(CON, 1, POST, "/m", "x", Text(OptionNumber.ContentFormat, "xyz")).Expect(ACK, 1, "2.04");
        Assert.That(Seen!.ContentFormat, Is.Null);
        Device.Send(CON, 2, GET, "/m", "", Opaque(OptionNumber.ETag, 9)).Expect(ACK, 2, "2.04");
        Device.Send(CON, 3, GET, "/m", "", Opaque(OptionNumber.ETag, 0)).Expect(ACK, 3, "2.04");
    }

    [Test]
    public void Of_an_elective_option_that_is_repeated_against_its_rule_the_first_counts()
    {
        Device.Send(CON, 1, POST, "/m", "x", Number(OptionNumber.ContentFormat, 50), Number(OptionNumber.ContentFormat, 60)).Expect(ACK, 1, "2.04");
        Assert.That(Seen!.ContentFormat, Is.EqualTo(50));
    }

    [Test]
    public void Repeatable_options_keep_their_order()
    {
        Device.Send(CON, 1, GET, "/m", "", Text(OptionNumber.UriQuery, "b"), Text(OptionNumber.UriQuery, "a"), Text(OptionNumber.UriQuery, "b"))
            .Expect(ACK, 1, "2.04");
        Assert.That(Seen!.Query, Is.EqualTo(new[] { "b", "a", "b" }));
    }

    [Test]
    public void An_option_that_is_left_out_has_no_value()
    {
        Device.Send(CON, 1, GET, "/m").Expect(ACK, 1, "2.04");
        Assert.That((Seen!.ContentFormat, Seen.Accept, Seen.Query.Count), Is.EqualTo(((int?)null, (int?)null, 0)));
    }

    [TestCase(OptionNumber.UriPath)]
    [TestCase(OptionNumber.UriQuery)]
    public void Text_that_is_not_UTF_8_is_answered_4_02(int number) =>
        Device.Send(CON, 1, GET, "", "", new CoapOption(number, new byte[] { 0xc3, 0x28 })).Expect(ACK, 1, "4.02");
}
