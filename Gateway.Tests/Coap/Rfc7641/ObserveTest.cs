using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>A test with a bench of its own.</summary>
internal abstract class ObserveTest
{
    protected static readonly Token First = ObserveBench.First;
    protected static readonly Token Second = ObserveBench.Second;

    protected ObserveBench Bench { get; private set; } = null!;

    [SetUp]
    public void CreateBench() => Bench = new ObserveBench();

    [TearDown]
    public void DisposeBench() => Bench.Dispose();

    /// <summary>Registers, and leaves what was answered out of account.</summary>
    protected void Register(Token token, Peer? peer = null)
    {
        Bench.Get(token, peer: peer);
        Bench.Sent.Clear();
    }
}
