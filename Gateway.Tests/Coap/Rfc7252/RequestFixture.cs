using System.Net.Sockets;
using System.Text;
using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>For sections about requests: a device, a whole server, and resources that show what they were given.</summary>
internal abstract class RequestFixture(AddressFamily family)
{
    protected const int UnknownCritical = 65001;
    protected const int UnknownElective = 65000;
    protected const int MaxPayload = 64;

    protected RequestFixture()
        : this(AddressFamily.InterNetwork)
    {
    }

    protected TestServer Server { get; private set; } = null!;

    protected WirePeer Device { get; private set; } = null!;

    /// <summary>What reached a resource last.</summary>
    protected CoapRequest? Seen { get; private set; }

    [SetUp]
    public async Task SetUpServer()
    {
        Seen = null;
        var site = new TestSite { ["/m"] = new TestResource(Remember) };
        Furnish(site);
        Server = await TestServer.StartAsync(site, new CoapSettings { Port = 0, MaxPayloadSize = MaxPayload });
        Device = Server.NewPeer(family);
    }

    [TearDown]
    public async Task TearDownServer()
    {
        Device.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>Adds the resources that a section needs besides /m, which takes GET, POST and PUT and answers 2.04.</summary>
    protected virtual void Furnish(TestSite site)
    {
    }

    protected CoapResponse Remember(CoapRequest request)
    {
        Seen = request;
        return new CoapResponse(CoapCode.Changed);
    }

    protected static CoapOption Text(int number, string text) => new(number, Encoding.UTF8.GetBytes(text));

    protected static CoapOption Number(int number, uint value) => UintOption.Of(number, value);

    protected static CoapOption Opaque(int number, int length) => new(number, new byte[length]);

    /// <summary>The options of that number in the answer that was expected last.</summary>
    protected IReadOnlyList<CoapOption> Answered(int number) => [.. Device.Last.Options.Where(option => option.Number == number)];

    /// <summary>The number in the only option of that number.</summary>
    protected uint AnsweredNumber(int number) => UintOption.Read(Answered(number).Single().Value.Span);
}
