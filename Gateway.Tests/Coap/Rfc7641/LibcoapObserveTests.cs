using System.Globalization;
using System.Text;
using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>libcoap's client observes a resource of our server.</summary>
internal sealed class LibcoapObserveTests
{
    private const int States = 5;

    [TestCase("small", 1)]
    [TestCase("large", 1500)]
    public async Task It_hears_of_each_state_acknowledges_it_and_says_when_it_has_enough(string name, int length)
    {
        var (state, asked) = (0, 0);
        var site = new TestSite
        {
            ["/state"] = new ObservableResource(_ =>
            {
                var payload = string.Create(CultureInfo.InvariantCulture, $"<{name} {Volatile.Read(ref state)}{new string('.', length)}>");
                Interlocked.Increment(ref asked);
                return new CoapResponse(CoapCode.Content) { Payload = Encoding.UTF8.GetBytes(payload) };
            }),
        };
        await using var server = await TestServer.StartAsync(site, new CoapSettings { Port = 0, Shards = 1 });
        var running = LibcoapClient.RunAsync($"coap://127.0.0.1:{server.Server.LocalEndPoints[0].Port}/state", "-s", "3", "-v", "7");
        await Eventually.HoldsAsync(() => Volatile.Read(ref asked) == 1, "it registers");
        for (var next = 1; next <= States; next++)
        {
            Volatile.Write(ref state, next);
            server.Server.Notify("/state");
        }

        var output = await running;

        Assert.That(output, Does.Contain($"<{name} 0").And.Contain($"<{name} {States}"));
        Assert.That(output, Does.Contain("t:CON c:2.05").And.Contain("t:ACK c:0.00"));
        await Eventually.HoldsAsync(() => server.Server.Observers == 0, "it has deregistered");
    }
}
