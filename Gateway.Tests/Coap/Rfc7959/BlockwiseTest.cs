using System.Text;
using Gateway.Coap;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap.Rfc7959;

/// <summary>A server with something to put and something to get, a device, and a clock that stands still.</summary>
internal abstract class BlockwiseTest
{
    protected FakeTimeProvider Time { get; } = new();

    protected Meters Meters { get; private set; } = null!;

    protected TestServer Server { get; private set; } = null!;

    protected WirePeer Device { get; private set; } = null!;

    /// <summary>What resources were asked, in order: <c>PUT /m 300</c>, the number being the body's length.</summary>
    protected List<string> Asked { get; } = [];

    /// <summary>The body that came last.</summary>
    protected string Body { get; private set; } = "";

    /// <summary>What <c>/large</c> gives.</summary>
    protected CoapResponse Large { get; set; } = null!;

    /// <summary>What <c>/m</c> and <c>/n</c> answer.</summary>
    protected Func<CoapRequest, ValueTask<CoapResponse>> Answer { get; set; } = null!;

    [SetUp]
    public async Task SetUp()
    {
        Asked.Clear();
        Large = new CoapResponse(CoapCode.Content) { Payload = Encoding.UTF8.GetBytes(Blocks.Text(300)), ContentFormat = 0 };
        Answer = _ => ValueTask.FromResult(new CoapResponse(CoapCode.Changed));
        await StartAsync(new CoapSettings { Port = 0 });
    }

    [TearDown]
    public async Task TearDown()
    {
        Device.Dispose();
        await Server.DisposeAsync();
        Meters.Dispose();
    }

    /// <summary>Starts the server anew with other settings.</summary>
    protected async Task RestartAsync(CoapSettings settings)
    {
        await TearDown();
        await StartAsync(settings with { Port = 0 });
    }

    private async Task StartAsync(CoapSettings settings)
    {
        Meters = new Meters();
        Server = await TestServer.StartAsync(
            new TestSite { ["/m"] = Taking(), ["/n"] = Taking(), ["/large"] = Giving() },
            settings with { AmplificationFactor = 0 },
            Time,
            new CoapMetrics(Meters));
        Device = Server.NewPeer();
    }

    private TestResource Taking() => new((request, _) => AnswerAsync(request, Answer)) { Takes = new HashSet<CoapCode> { CoapCode.Post, CoapCode.Put, CoapCode.Get } };

    private TestResource Giving() => new((request, _) => AnswerAsync(request, _ => ValueTask.FromResult(Large)))
    {
        Takes = new HashSet<CoapCode> { CoapCode.Get, CoapCode.Fetch, CoapCode.Post },
    };

    private ValueTask<CoapResponse> AnswerAsync(CoapRequest request, Func<CoapRequest, ValueTask<CoapResponse>> answer)
    {
        Body = Encoding.UTF8.GetString(request.Payload.Span);
        Asked.Add($"{request.Method} /{string.Join('/', request.Path)} {request.Payload.Length}");
        return answer(request);
    }
}
