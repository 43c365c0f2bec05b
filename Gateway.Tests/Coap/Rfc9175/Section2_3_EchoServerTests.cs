using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc9175;

/// <summary>RFC 9175 §2.3, the server's side of Echo: which requests with a value show where the client is, and what becomes of them.</summary>
internal sealed class Section2_3_EchoServerTests : EchoTest
{
    private static readonly CoapCode[] Methods = [GET, POST, PUT, CoapCode.Fetch];

    [TestCaseSource(nameof(Methods))]
    public void The_request_with_the_value_is_answered(CoapCode method)
    {
        var request = Bench.Request(method) with { Payload = "p"u8.ToArray() };
        var answer = Bench.Ask(Bench.Again(request, EchoBench.EchoOf(Bench.Ask(request))));

        Assert.That(answer.Code, Is.EqualTo(CoapCode.Content));
        Assert.That(answer.Payload.ToArray(), Is.EqualTo(Bench.Answer.Payload.ToArray()));
    }

    [Test]
    public void After_that_the_peer_needs_no_value_for_an_hour()
    {
        Bench.Verify();
        Assert.That(Bench.Advance(TimeSpan.FromMinutes(59)).Ask(GET).Code, Is.EqualTo(CoapCode.Content));
        Assert.That(Bench.Advance(TimeSpan.FromMinutes(1)).Ask(GET).Code, Is.EqualTo(CoapCode.Unauthorized));
    }

    [Test]
    public void A_forged_value_is_ignored()
    {
        var request = Bench.Request(GET);
        var forged = EchoBench.EchoOf(Bench.Ask(request)).ToArray();
        forged[^1] ^= 1;

        EchoBench.EchoOf(Bench.Ask(Bench.Again(request, forged)));
    }

    [Test]
    public void The_value_of_another_peer_is_ignored()
    {
        var request = Bench.Request(GET);
        var ofOther = EchoBench.EchoOf(Bench.Ask(request, EchoBench.Other));

        EchoBench.EchoOf(Bench.Ask(Bench.Again(request, ofOther)));
        Assert.That(Bench.Ask(Bench.Again(request, ofOther), EchoBench.Other).Code, Is.EqualTo(CoapCode.Content));
    }

    [TestCase(0, "2.05")]
    [TestCase(1, "4.01")]
    public void A_value_is_good_for_as_long_as_an_exchange_may_last(int secondsMore, string code)
    {
        var request = Bench.Request(GET);
        var value = EchoBench.EchoOf(Bench.Ask(request));
        Bench.Advance(ExchangeLifetime + TimeSpan.FromSeconds(secondsMore));

        Assert.That(Bench.Ask(Bench.Again(request, value)).Code, Is.EqualTo(Code(code)));
    }

    [TestCase(0)]
    [TestCase(41)]
    public void A_value_of_a_length_that_none_has_is_ignored_and_so_is_a_second_one(int length)
    {
        var request = Bench.Request(POST) with { Payload = "p"u8.ToArray() };
        EchoBench.EchoOf(Bench.Ask(Bench.Again(request, new byte[length])));

        var twice = Bench.Again(Bench.Again(request, EchoBench.EchoOf(Bench.Ask(request))), new byte[16]);
        Assert.That(Bench.Ask(twice).Code, Is.EqualTo(CoapCode.Content));
    }

    [Test]
    public void A_value_that_is_not_fresh_keeps_no_small_answer_back()
    {
        Bench.Answer = new CoapResponse(CoapCode.Changed);
        Assert.That(Bench.Ask(POST, new CoapOption(OptionNumber.Echo, new byte[16])).Code, Is.EqualTo(CoapCode.Changed));
    }

    [Test]
    public void What_a_POST_did_is_done_once()
    {
        var request = Bench.Request(POST) with { Payload = "unlock"u8.ToArray() };
        var value = EchoBench.EchoOf(Bench.Ask(request));
        var first = Bench.Answer;
        Bench.Answer = EchoBench.Of(299);
        var again = Bench.Again(request, value);

        Assert.That(Bench.Ask(again).Payload.ToArray(), Is.EqualTo(first.Payload.ToArray()), "the answer was kept");
        Assert.That(Bench.Ask(again).Payload.ToArray(), Is.EqualTo(first.Payload.ToArray()), "the same to a duplicate");
        Assert.That(Bench.Asked, Is.EqualTo(1));
        Assert.That(Bench.Ask(Bench.Again(request, value)).Payload.Length, Is.EqualTo(299), "another request is another deed");
        Assert.That(Bench.Asked, Is.EqualTo(2));
    }

    [Test]
    public void Two_equal_requests_are_done_twice_and_no_more()
    {
        var (first, second) = (Bench.Request(POST), Bench.Request(POST));
        var values = new[] { first, second }.Select(request => EchoBench.EchoOf(Bench.Ask(request))).ToArray();
        Assert.That(Bench.Ask(Bench.Again(first, values[0])).Code, Is.EqualTo(CoapCode.Content));
        Assert.That(Bench.Ask(Bench.Again(second, values[1])).Code, Is.EqualTo(CoapCode.Content));

        Assert.That(Bench.Asked, Is.EqualTo(2));
    }

    [Test]
    public void A_request_that_differs_gets_an_answer_of_its_own()
    {
        var request = Bench.Request(POST) with { Payload = "a"u8.ToArray() };
        var value = EchoBench.EchoOf(Bench.Ask(request));
        Bench.Answer = EchoBench.Of(299);

        Assert.That(Bench.Ask(Bench.Again(request with { Payload = "b"u8.ToArray() }, value)).Payload.Length, Is.EqualTo(299));
        Assert.That(Bench.Ask(Bench.Again(request with { Code = PUT }, value)).Payload.Length, Is.EqualTo(299));
        Assert.That(Bench.Ask(Bench.Again(request with { Options = [.. request.Options, Query("x")] }, value)).Payload.Length, Is.EqualTo(299));
        Assert.That(Bench.Ask(Bench.Again(request, value)).Payload.Length, Is.EqualTo(300), "its own is kept all the same");
    }

    [Test]
    public void With_a_value_and_nothing_parked_it_is_simply_asked()
    {
        var value = EchoBench.EchoOf(Bench.Ask(GET));

        Assert.That(Bench.Ask(POST, new CoapOption(OptionNumber.Echo, value)).Code, Is.EqualTo(CoapCode.Content));
        Assert.That(Bench.Asked, Is.EqualTo(2));
    }

    [Test]
    public void A_parked_answer_is_forgotten_with_the_exchange()
    {
        var request = Bench.Request(POST);
        Bench.Ask(request);
        Bench.Advance(ExchangeLifetime);
        var value = EchoBench.EchoOf(Bench.Ask(Bench.Request(GET, options: Query("fresh"))));

        Assert.That(Bench.Ask(Bench.Again(request, value)).Code, Is.EqualTo(CoapCode.Content));
        Assert.That(Bench.Asked, Is.EqualTo(3));
    }

    private static CoapOption Query(string text) => new(OptionNumber.UriQuery, System.Text.Encoding.UTF8.GetBytes(text));
}
