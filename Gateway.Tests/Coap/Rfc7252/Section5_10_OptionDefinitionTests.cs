using System.Net.Sockets;
using System.Text;
using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §5.10: each of the RFC's options, in requests and in answers.</summary>
[TestFixture(AddressFamily.InterNetwork)]
[TestFixture(AddressFamily.InterNetworkV6)]
internal sealed class Section5_10_OptionDefinitionTests(AddressFamily family) : RequestFixture(family)
{
    private CoapResponse _answer = new(CoapCode.Content);

    protected override void Furnish(TestSite site)
    {
        site["/"] = new TestResource(_ => CoapResponse.Error(CoapCode.Content, "root"));
        site["/any"] = new TestResource(_ => _answer);
        site["/a b/ü"] = new TestResource(Remember);
        site["//a/"] = new TestResource(_ => CoapResponse.Error(CoapCode.Content, "empty segments"));
        site["/if"] = new TestResource(Remember) { Understands = new HashSet<int> { OptionNumber.IfMatch, OptionNumber.IfNoneMatch } };
    }

    [Test]
    public void A_resource_sees_the_whole_request()
    {
        Device.Send(CON, 1, POST, "/a b/ü", "hello", Text(OptionNumber.UriQuery, "x=ä"), Text(OptionNumber.UriQuery, "y"),
            Number(OptionNumber.ContentFormat, 42), Number(OptionNumber.Accept, 60)).Expect(ACK, 1, "2.04");

        Assert.That(Seen, Is.Not.Null);
        Assert.That(Seen!.Path, Is.EqualTo(new[] { "a b", "ü" }));
        Assert.That(Seen.Query, Is.EqualTo(new[] { "x=ä", "y" }));
        Assert.That(Seen.Method, Is.EqualTo(CoapCode.Post));
        Assert.That(Seen.Confirmable, Is.True);
        Assert.That((Seen.ContentFormat, Seen.Accept), Is.EqualTo((42, 60)));
        Assert.That(Encoding.UTF8.GetString(Seen.Payload.Span), Is.EqualTo("hello"));
        Assert.That(Seen.Peer, Is.EqualTo(Device.LocalEndPoint), "an IPv4 peer is shown as IPv4");
        Assert.That(Seen.Options, Has.Count.EqualTo(6));
    }

    // §5.10.1
    [Test]
    public void Host_and_port_make_no_difference() =>
        Device.Send(CON, 1, GET, "/m", "", Text(OptionNumber.UriHost, "gateway.example"), Number(OptionNumber.UriPort, 5683)).Expect(ACK, 1, "2.04");

    [Test]
    public void No_path_is_the_root()
    {
        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.05");
        Assert.That(Device.LastText, Is.EqualTo("root"));
    }

    [Test]
    public void Empty_segments_are_segments()
    {
        Device.Send(CON, 1, GET, "", "", Text(OptionNumber.UriPath, ""), Text(OptionNumber.UriPath, "a"), Text(OptionNumber.UriPath, ""))
            .Expect(ACK, 1, "2.05");
        Assert.That(Device.LastText, Is.EqualTo("empty segments"));
        Device.Send(CON, 2, GET, "", "", Text(OptionNumber.UriPath, "m"), Text(OptionNumber.UriPath, "")).Expect(ACK, 2, "4.04");
    }

    [TestCase(".")]
    [TestCase("..")]
    [TestCase("a/b")]
    public void A_segment_is_never_taken_for_a_piece_of_a_path(string segment) =>
        Device.Send(CON, 1, GET, "", "", Text(OptionNumber.UriPath, segment), Text(OptionNumber.UriPath, "m")).Expect(ACK, 1, "4.04");

    [Test]
    public void A_segment_has_up_to_255_bytes() =>
        Device.Send(CON, 1, GET, "", "", Text(OptionNumber.UriPath, new string('x', 255))).Expect(ACK, 1, "4.04");

    [Test]
    public void A_query_has_up_to_255_bytes_and_may_be_empty()
    {
        Device.Send(CON, 1, GET, "/m", "", Text(OptionNumber.UriQuery, new string('q', 255)), Text(OptionNumber.UriQuery, "")).Expect(ACK, 1, "2.04");
        Assert.That(Seen!.Query, Is.EqualTo(new[] { new string('q', 255), "" }));
        Device.Send(CON, 2, GET, "/m", "", Text(OptionNumber.UriQuery, new string('q', 256))).Expect(ACK, 2, "4.02");
    }

    // §5.10.3, §5.10.4
    [TestCase(0u)]
    [TestCase(50u)]
    [TestCase(65535u)]
    public void Formats_are_numbers_of_up_to_two_bytes(uint format)
    {
        Device.Send(CON, 1, POST, "/m", "x", Number(OptionNumber.ContentFormat, format), Number(OptionNumber.Accept, format)).Expect(ACK, 1, "2.04");
        Assert.That((Seen!.ContentFormat, Seen.Accept), Is.EqualTo(((int?)format, (int?)format)));
    }

    // §5.10.5
    [TestCase(0u)]
    [TestCase(60u)]
    [TestCase(uint.MaxValue)]
    public void Max_Age_is_given(uint seconds)
    {
        _answer = new CoapResponse(CoapCode.Content) { MaxAge = seconds };
        Device.Send(CON, 1, GET, "/any").Expect(ACK, 1, "2.05");
        Assert.That(AnsweredNumber(OptionNumber.MaxAge), Is.EqualTo(seconds));
    }

    [Test]
    public void Max_Age_is_left_out_where_the_resource_says_nothing()
    {
        _answer = new CoapResponse(CoapCode.Content);
        Device.Send(CON, 1, GET, "/any").Expect(ACK, 1, "2.05");
        Assert.That(Answered(OptionNumber.MaxAge), Is.Empty, "60 s is what a client assumes then");
    }

    // §5.10.6
    [Test]
    public void An_ETag_is_given_and_those_that_the_client_knows_are_seen()
    {
        _answer = new CoapResponse(CoapCode.Content) { ETag = new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 } };
        Device.Send(CON, 1, GET, "/any").Expect(ACK, 1, "2.05");
        Assert.That(Convert.ToHexStringLower(Answered(OptionNumber.ETag).Single().Value.Span), Is.EqualTo("0102030405060708"));

        Device.Send(CON, 2, GET, "/m", "", Opaque(OptionNumber.ETag, 1), Opaque(OptionNumber.ETag, 8)).Expect(ACK, 2, "2.04");
        Assert.That(Seen!.Options.Count(option => option.Number == OptionNumber.ETag), Is.EqualTo(2));
    }

    // §5.10.7
    [Test]
    public void A_location_is_given_segment_by_segment()
    {
        _answer = new CoapResponse(CoapCode.Created)
        {
            MoreOptions = [Text(OptionNumber.LocationPath, "a"), Text(OptionNumber.LocationQuery, "x=1"), Text(OptionNumber.LocationPath, "b")],
        };
        Device.Send(CON, 1, POST, "/any").Expect(ACK, 1, "2.01");

        Assert.That(Answered(OptionNumber.LocationPath).Select(option => Encoding.UTF8.GetString(option.Value.Span)), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(Encoding.UTF8.GetString(Answered(OptionNumber.LocationQuery).Single().Value.Span), Is.EqualTo("x=1"));
    }

    // §5.10.8: a condition that nobody would check must not be ignored.
    [TestCase(OptionNumber.IfMatch, 0)]
    [TestCase(OptionNumber.IfMatch, 8)]
    [TestCase(OptionNumber.IfNoneMatch, 0)]
    public void A_condition_is_refused_where_the_resource_does_not_honour_it(int number, int length)
    {
        Device.Send(CON, 1, PUT, "/m", "x", Opaque(number, length)).Expect(ACK, 1, "4.02");
        Assert.That(Seen, Is.Null);
        Device.Send(CON, 2, PUT, "/if", "x", Opaque(number, length)).Expect(ACK, 2, "2.04");
    }

    // Whether or not there is somebody who honours it: it is none that could be.
    [TestCase("/if", OptionNumber.IfMatch, 9)]
    [TestCase("/m", OptionNumber.IfMatch, 9)]
    [TestCase("/nowhere", OptionNumber.IfMatch, 9)]
    [TestCase("/if", OptionNumber.IfNoneMatch, 1)]
    [TestCase("/m", OptionNumber.IfNoneMatch, 1)]
    public void A_condition_of_a_wrong_length_is_answered_4_02(string path, int number, int length)
    {
        Device.Send(CON, 1, PUT, path, "x", Opaque(number, length)).Expect(ACK, 1, "4.02");
        Assert.That(Device.LastText, Is.EqualTo($"critical option {number} has a length that it can't have"));
        Device.Send(NON, 2, PUT, path, "x", Opaque(number, length)).ExpectSilence();
        Assert.That(Seen, Is.Null);
    }

    [Test]
    public void If_None_Match_may_not_be_repeated()
    {
        Device.Send(CON, 1, PUT, "/if", "x", Opaque(OptionNumber.IfNoneMatch, 0), Opaque(OptionNumber.IfNoneMatch, 0)).Expect(ACK, 1, "4.02");
        Assert.That(Seen, Is.Null);
    }

    [Test]
    public void If_Match_may_be_repeated() =>
        Device.Send(CON, 1, PUT, "/if", "x", Opaque(OptionNumber.IfMatch, 2), Opaque(OptionNumber.IfMatch, 3)).Expect(ACK, 1, "2.04");

    // §5.10.9
    [Test]
    public void Size1_in_a_request_is_for_information() =>
        Device.Send(CON, 1, POST, "/m", "x", Number(OptionNumber.Size1, 1_000_000)).Expect(ACK, 1, "2.04");
}
