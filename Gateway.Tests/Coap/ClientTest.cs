using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>A test of our client against a server that follows the test's script.</summary>
internal abstract class ClientTest
{
    protected ScriptedServer Server { get; private set; } = null!;

    protected CoapClient Client { get; private set; } = null!;

    [SetUp]
    public void Connect()
    {
        Server = new ScriptedServer();
        Client = new CoapClient(TimeProvider.System, new Random(3));
    }

    [TearDown]
    public void Disconnect()
    {
        Client.Dispose();
        Server.Dispose();
    }
}
