using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>Stands directly in front of a message layer: no socket, no threads but those that a test starts.</summary>
internal sealed class LayerPeer(LayerBench bench, Peer address) : ScriptedPeer
{
    private readonly Queue<byte[]> _received = new();

    public Peer Address { get; } = address;

    public bool HasMail => _received.Count > 0;

    public void Deliver(byte[] datagram) => _received.Enqueue(datagram);

    public override ScriptedPeer ExpectSilence()
    {
        Assert.That(_received.Select(Convert.ToHexStringLower), Is.Empty, "nothing was to be sent");
        return this;
    }

    protected override void Transmit(byte[] datagram) => bench.Layer.Receive(Address, datagram);

    protected override byte[]? Receive() => _received.TryDequeue(out var datagram) ? datagram : null;
}
