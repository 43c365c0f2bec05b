using System.Text;
using Gateway.Coap;
using Gateway.Tests.Plugtest;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap.Plugtest;

/// <summary>The plugtest server on a free port, and a client that follows ETSI's test descriptions against it.</summary>
internal abstract class PlugtestFixture
{
    protected PlugtestSite Site { get; private set; } = null!;

    protected FakeTimeProvider Time { get; private set; } = null!;

    protected TestServer Server { get; private set; } = null!;

    protected WirePeer Client { get; private set; } = null!;

    [SetUp]
    public async Task SetUp()
    {
        Time = new FakeTimeProvider();
        Site = new PlugtestSite(Time);

        // ETSI's clients are older than Echo.
        Server = await TestServer.StartAsync(Site, new CoapSettings { Port = 0, AmplificationFactor = 0 }, Time);
        Site.Changed += Server.Server.Notify;
        Client = Server.NewPeer();
    }

    [TearDown]
    public async Task TearDown()
    {
        Site.Dispose();
        Client.Dispose();
        await Server.DisposeAsync();
    }

    protected static CoapOption Number(int number, uint value) => UintOption.Of(number, value);

    protected static CoapOption Bytes(int number, ReadOnlyMemory<byte> value) => new(number, value);

    protected static CoapOption Query(string text) => new(OptionNumber.UriQuery, Encoding.UTF8.GetBytes(text));

    /// <summary>The values of the options of that number in the last answer, as text.</summary>
    protected string[] Texts(int number) => [.. from option in Client.Last.Options where option.Number == number select Encoding.UTF8.GetString(option.Value.Span)];

    protected uint Format() => UintOption.Read(Client.Last.Options.Single(option => option.Number == OptionNumber.ContentFormat).Value.Span);

    protected ReadOnlyMemory<byte> ETag() => Client.Last.Options.Single(option => option.Number == OptionNumber.ETag).Value.ToArray();
}
