using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>RFC 7641 §4.2: what a notification is, and which one is the last.</summary>
internal sealed class Section4_2_NotificationTests : ObserveTest
{
    [Test]
    public void An_error_is_the_last_one_and_has_no_Observe()
    {
        Register(First);
        Bench.Answer = _ => ValueTask.FromResult(CoapResponse.Error(CoapCode.NotFound, "gone"));
        Bench.Change("1");
        Assert.That(Bench.Take(), Is.EqualTo(new[] { "CON 4.04 f1 \"gone\"" }));

        Bench.Answer = null;
        Bench.Change("2");
        Assert.That(Bench.Observers.Count, Is.Zero);
        Bench.Pass(200);
        Assert.That(Bench.Take(), Is.All.EqualTo("CON 4.04 f1 \"gone\""), "it is sent until it is acknowledged");
    }

    [Test]
    public void A_resource_that_fails_ends_it_with_5_00()
    {
        Register(First);
        Bench.Answer = _ => throw new InvalidOperationException("a defect");
        Bench.Change("1");

        Assert.That(Bench.Take(), Has.Exactly(1).StartsWith("CON 5.00 f1 "));
        Assert.That(Bench.TakeErrors(), Has.Exactly(1).Contains("a defect"));
        Assert.That(Bench.Observers.Count, Is.Zero);
    }

    [Test]
    public void The_resource_is_asked_with_the_request_that_registered_without_its_Observe()
    {
        var requests = new List<CoapRequest>();
        Bench.Answer = request =>
        {
            requests.Add(request);
            return ValueTask.FromResult(new CoapResponse(CoapCode.Content));
        };
        Bench.Get(First, options: [new CoapOption(OptionNumber.UriQuery, "a=1"u8.ToArray()), UintOption.Of(OptionNumber.Accept, 60)]);
        Bench.Change("1");

        Assert.That(requests.Select(request => (request.Query[0], request.Accept)), Is.EqualTo(new[] { ("a=1", 60), ("a=1", 60) }));
        Assert.That(requests.SelectMany(request => request.Options).Select(option => option.Number), Has.None.EqualTo(OptionNumber.Observe));
    }

    [Test]
    public void However_often_it_changes_while_it_is_asked_it_is_asked_once_more()
    {
        Register(First);
        var (asked, answer) = (0, new HeldAnswer());
        Bench.Answer = async _ =>
        {
            asked++;
            await answer.Task.ConfigureAwait(false);
            return new CoapResponse(CoapCode.Content) { Payload = System.Text.Encoding.UTF8.GetBytes(Bench.State) };
        };
        Bench.Change("1");
        Bench.Change("2");
        Bench.Change("3");
        answer.Give(new CoapResponse(CoapCode.Content));

        Assert.That(asked, Is.EqualTo(2));
        Bench.Acknowledge(Bench.Last);
        Assert.That(Bench.Take()[^1], Is.EqualTo("CON 2.05 f1* \"3\""));
    }

    [Test]
    public void A_large_state_comes_as_its_first_block_and_the_rest_can_be_fetched()
    {
        // RFC 7959 §2.6.
        Register(First);
        var body = new string('a', 1024) + "rest";
        Bench.Change(body);
        var first = Bench.Last;
        _ = BlockOptions.TryFind(first.Options, OptionNumber.Block2, out var block);
        Assert.That((block, first.Payload.Length), Is.EqualTo((new BlockOption(0, true, 6), 1024)));
        Assert.That(ObserveBench.SequenceOf(first), Is.Not.Zero);

        Bench.Acknowledge(first);
        Bench.Sent.Clear();
        Bench.Get(Second, observe: null, options: [new BlockOption(1, false, 6).ToOption(OptionNumber.Block2)]);

        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f2 \"rest\"" }));
    }

    [Test]
    public void A_later_block_registers_nothing()
    {
        Bench.State = new string('a', 1025);
        Bench.Get(First, options: [new BlockOption(1, false, 6).ToOption(OptionNumber.Block2)]);

        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f1 \"a\"" }));
        Assert.That(Bench.Observers.Count, Is.Zero);
    }

    [Test]
    public void After_the_end_of_the_server_nothing_is_sent()
    {
        Register(First);
        Bench.Observers.Dispose();
        Bench.Change("1");
        Bench.Pass(200);

        Assert.That(Bench.Take(), Is.Empty);
        Bench.Get(First);
        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f1 \"1\"" }));
    }

    [TestCase(0, 50)]
    [TestCase(null, 50)]
    [TestCase(50, null)]
    public void Another_Content_Format_than_the_first_ends_it_with_4_06(int? first, int? then)
    {
        var format = first;
        Bench.Answer = _ => ValueTask.FromResult(new CoapResponse(CoapCode.Content) { ContentFormat = format });
        Register(First);
        Bench.Change("1");
        Bench.Acknowledge(Bench.Last);
        Assert.That(Bench.Take(), Is.EqualTo(new[] { "CON 2.05 f1* \"\"" }));

        format = then;
        Bench.Change("2");
        Assert.That(Bench.Take(), Has.Exactly(1).StartsWith("CON 4.06 f1 "));
        Assert.That(Bench.Observers.Count, Is.Zero);
    }

    [Test]
    public void A_2_03_names_no_Content_Format_and_changes_none()
    {
        var answer = new CoapResponse(CoapCode.Valid) { ETag = new byte[] { 1 } };
        Bench.Answer = _ => ValueTask.FromResult(answer);
        Register(First);
        foreach (var next in new[] { new CoapResponse(CoapCode.Content) { ContentFormat = 50 }, answer, new CoapResponse(CoapCode.Content) { ContentFormat = 50 } })
        {
            answer = next;
            Bench.Change("another");
            Assert.That(Bench.Last.Code, Is.EqualTo(next.Code));
            Bench.Acknowledge(Bench.Last);
        }

        Assert.That(Bench.Observers.Count, Is.EqualTo(1));
    }
}
