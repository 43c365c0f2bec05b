namespace Gateway.Tests.Coap;

/// <summary>A test of what we send, with a bench of its own.</summary>
internal abstract class OutboxTest
{
    protected OutboxBench Bench { get; private set; } = null!;

    [SetUp]
    public void CreateBench() => Bench = new OutboxBench();

    [TearDown]
    public void DisposeBench() => Bench.Dispose();
}
