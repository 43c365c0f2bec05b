using System.Text;
using Gateway.Coap;
using Microsoft.Extensions.Time.Testing;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>The client against the server of this house, and against one that follows a script.</summary>
internal sealed class CoapClientTests
{
    private readonly FakeTimeProvider _time = new();
    private CoapClient _client = null!;
    private ScriptedServer _server = null!;

    [SetUp]
    public void SetUp()
    {
        _client = new CoapClient(_time, new Random(3));
        _server = new ScriptedServer();
    }

    [TearDown]
    public void TearDown()
    {
        _client.Dispose();
        _server.Dispose();
    }

    [TestCase("127.0.0.1")]
    [TestCase("[::1]")]
    [TestCase("localhost")]
    public async Task It_asks_this_house_and_gets_the_answer(string host)
    {
        await using var server = await TestServer.StartAsync(new TestSite
        {
            ["/a b"] = new TestResource(request => CoapResponse.Error(
                CoapCode.Content, $"{request.Method} {request.Query[0]} {request.ContentFormat} {request.Accept}")),
        });
        var uri = Uri($"coap://{host}:{server.Server.LocalEndPoints[0].Port}/a%20b?x=1");
        var request = new ClientRequest(PUT, uri) { ContentFormat = 42, Accept = 60, Payload = "p"u8.ToArray() };

        var answer = await _client.SendAsync(request, CancellationToken.None);

        Assert.That((answer.Type, answer.Code, Text(answer)), Is.EqualTo((ACK, CoapCode.Content, "PUT x=1 42 60")));
    }

    [Test]
    public async Task A_lost_request_is_sent_again_with_the_same_bytes()
    {
        var asking = Ask();
        var first = _server.Receive();
        _time.Advance(TimeSpan.FromSeconds(3));
        var second = _server.Receive();
        _server.Answer(ACK, second.Id, second.Token, "at last");

        Assert.That((second.Id, second.Token, second.Type), Is.EqualTo((first.Id, first.Token, CON)));
        Assert.That(Text(await asking), Is.EqualTo("at last"));
    }

    [Test]
    public async Task Several_requests_to_one_server_use_one_socket()
    {
        var clients = new HashSet<string>();
        for (var round = 0; round < 3; round++)
        {
            var asking = Ask();
            var request = _server.Receive();
            _server.Answer(ACK, request.Id, request.Token, "here");
            await asking;
            clients.Add($"{_server.Client}");
        }

        Assert.That(clients, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task More_servers_than_it_keeps_sockets_for_are_asked_all_the_same()
    {
        for (var round = 0; round <= ClientConnections.Max; round++)
        {
            using var server = new ScriptedServer();
            var asking = Ask(server);
            var request = server.Receive();
            server.Answer(ACK, request.Id, request.Token, "here");
            Assert.That(Text(await asking), Is.EqualTo("here"));
        }
    }

    [Test]
    public void Closed_it_ends_what_waits()
    {
        var asking = Ask();
        _server.Receive();
        _client.Dispose();

        Assert.That(async () => await asking, Throws.TypeOf<CoapClientException>().With.Property("Error").EqualTo(CoapClientError.Closed));
        Assert.That(async () => await Ask(), Throws.TypeOf<CoapClientException>().With.Property("Error").EqualTo(CoapClientError.Closed));
    }

    [Test]
    public async Task What_it_is_asked_itself_is_not_found()
    {
        var asking = Ask();
        var request = _server.Receive();
        _server.Send(new CoapMessage(CON, GET, new MessageId(77)) { Token = Token.From([5]) });
        var refusal = _server.Receive();
        _server.Answer(ACK, request.Id, request.Token, "here");
        await asking;

        Assert.That((refusal.Type, refusal.Code, refusal.Id), Is.EqualTo((ACK, CoapCode.NotFound, new MessageId(77))));
    }

    [Test]
    public async Task A_separate_answer_is_awaited_and_acknowledged()
    {
        var asking = Ask();
        var request = _server.Receive();
        _server.Acknowledge(request);
        _server.Answer(CON, new MessageId(0x4242), request.Token, "later");

        Assert.That(Text(await asking), Is.EqualTo("later"));
        var acknowledgement = _server.Receive();
        Assert.That((acknowledgement.Type, acknowledgement.Code, acknowledgement.Id), Is.EqualTo((ACK, CoapCode.Empty, new MessageId(0x4242))));
    }

    [Test]
    public async Task A_separate_answer_may_overtake_the_acknowledgement_and_be_a_NON()
    {
        var asking = Ask();
        _server.Answer(NON, new MessageId(1), _server.Receive().Token, "early");

        Assert.That(Text(await asking), Is.EqualTo("early"));
    }

    [Test]
    public async Task What_does_not_belong_to_the_request_is_not_taken_for_its_answer()
    {
        var asking = Ask();
        var request = _server.Receive();
        _server.Answer(ACK, request.Id.Next, request.Token, "another ID");
        _server.Answer(ACK, request.Id, Token.From([1]), "another token");
        _server.Answer(CON, new MessageId(7), Token.From([1]), "another request's");
        var rejection = _server.Receive();
        _server.Answer(ACK, request.Id, request.Token, "mine");

        Assert.That(Text(await asking), Is.EqualTo("mine"));
        Assert.That((rejection.Type, rejection.Id), Is.EqualTo((RST, new MessageId(7))));
    }

    [Test]
    public void A_reset_ends_it()
    {
        var asking = Ask();
        _server.Send(CoapMessage.Reset(_server.Receive().Id));

        Assert.That(async () => await asking, Throws.TypeOf<CoapClientException>().With.Property("Error").EqualTo(CoapClientError.Rejected));
    }

    [Test]
    public void No_answer_to_five_requests_is_a_time_out()
    {
        var asking = Ask();
        for (var sent = 1; sent <= 5; sent++)
        {
            _server.Receive();
            _time.Advance(TimeSpan.FromSeconds(48));
        }

        Assert.That(async () => await asking, Throws.TypeOf<CoapClientException>().With.Property("Error").EqualTo(CoapClientError.TimedOut));
    }

    [Test]
    public void A_port_where_nobody_listens_is_said_to_be_one()
    {
        int port;
        using (var closed = new ScriptedServer())
        {
            port = closed.Port;
        }

        Assert.That(
            async () => await _client.SendAsync(new ClientRequest(GET, Uri($"coap://127.0.0.1:{port}/")), CancellationToken.None),
            Throws.TypeOf<CoapClientException>().With.Property("Error").EqualTo(CoapClientError.Unreachable));
    }

    [Test]
    public void It_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var asking = _client.SendAsync(new ClientRequest(GET, Uri($"coap://127.0.0.1:{_server.Port}/")), cancellation.Token);
        _server.Receive();
        cancellation.Cancel();

        Assert.That(async () => await asking, Throws.InstanceOf<OperationCanceledException>());
    }

    private static CoapUri Uri(string text) => CoapUri.TryParse(text, out var uri, out var error) ? uri : throw new ArgumentException(error);

    private static string Text(CoapMessage message) => Encoding.UTF8.GetString(message.Payload.Span);

    private Task<CoapMessage> Ask(ScriptedServer? server = null) =>
        _client.SendAsync(new ClientRequest(GET, Uri($"coap://127.0.0.1:{(server ?? _server).Port}/m")), CancellationToken.None);
}
