using Gateway.Coap;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap;

/// <summary>libcoap's own client asks our server: an implementation that we did not write.</summary>
internal sealed class LibcoapRequestTests
{
    private readonly FakeTimeProvider _time = new();
    private TaskCompletionSource _asked = null!;
    private HeldAnswer _answer = null!;
    private TestServer _server = null!;

    [SetUp]
    public async Task SetUp()
    {
        _asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _answer = new HeldAnswer();
        var site = new TestSite
        {
            ["/echo"] = new TestResource(request => new CoapResponse(CoapCode.Content) { Payload = request.Payload }),
            ["/what"] = new TestResource(Describe),
            ["/slow"] = new TestResource(AnswerSlowlyAsync),
            ["/json"] = new TestResource(_ => new CoapResponse(CoapCode.Content)) { Gives = 50 },
        };
        _server = await TestServer.StartAsync(site.With(new ResourceLink("/echo", [42]), new ResourceLink("/what", [])), time: _time);
    }

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [TestCase("127.0.0.1")]
    [TestCase("[::1]")]
    public async Task It_gets_back_what_it_sent(string host) =>
        Assert.That(await LibcoapClient.RunAsync($"coap://{host}:{Port}/echo", "-m", "post", "-e", "hello"), Is.EqualTo("hello"));

    [Test]
    public async Task Its_method_query_and_format_arrive() =>
        Assert.That(await RunAsync("/what?a=1&b=2", "-m", "put", "-e", "x", "-t", "50"), Is.EqualTo("PUT CON a=1&b=2 50"));

    [Test]
    public async Task Its_NON_is_answered() => Assert.That(await RunAsync("/what", "-N"), Does.StartWith("GET NON"));

    [TestCase("/nowhere", "4.04")]
    [TestCase("/json", "4.06", "-A", "60")]
    [TestCase("/echo", "4.05", "-m", "delete")]
    [TestCase("/echo", "4.02 unknown critical option 65001", "-O", "65001,x")]
    public async Task It_understands_a_refusal(string path, string refusal, params string[] arguments) =>
        Assert.That(await RunAsync(path, arguments), Does.StartWith(refusal));

    [Test]
    public async Task It_discovers_what_there_is() => Assert.That(await RunAsync("/.well-known/core"), Is.EqualTo("</echo>;ct=42,</what>"));

    [Test]
    public async Task It_takes_a_separate_answer()
    {
        var running = RunAsync("/slow", "-v", "7");
        Assert.That(await Task.WhenAny(_asked.Task, running), Is.SameAs(_asked.Task), "it was to wait for the answer");

        // A ping behind it tells that its exchange has begun, so that the time that passes then passes for it.
        _server.NewPeer().Settle();
        _time.Advance(TimeSpan.FromSeconds(1.5));
        _answer.Give(CoapResponse.Error(CoapCode.Content, "at last"));

        Assert.That(await running, Does.Contain("at last").And.Contain("t:ACK c:0.00").And.Contain("t:CON c:2.05"));
    }

    private int Port => _server.Server.LocalEndPoints[0].Port;

    private static CoapResponse Describe(CoapRequest request) => CoapResponse.Error(
        CoapCode.Content, $"{request.Method} {(request.Confirmable ? "CON" : "NON")} {string.Join('&', request.Query)} {request.ContentFormat}");

    private Task<string> RunAsync(string path, params string[] arguments) => LibcoapClient.RunAsync($"coap://127.0.0.1:{Port}{path}", arguments);

    private async ValueTask<CoapResponse> AnswerSlowlyAsync(CoapRequest request, CancellationToken cancellation)
    {
        _asked.TrySetResult();
        return (await _answer.Task)!;
    }
}
