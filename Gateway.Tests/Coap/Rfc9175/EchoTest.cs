using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc9175;

/// <summary>A test with a bench of its own.</summary>
internal abstract class EchoTest
{
    protected static readonly TimeSpan ExchangeLifetime = TransmissionParameters.Default.ExchangeLifetime;

    protected EchoBench Bench { get; private set; } = null!;

    [SetUp]
    public void CreateBench() => Bench = new EchoBench();

    [TearDown]
    public void DisposeBench() => Bench.Dispose();

    /// <summary>Goes on with a bench that has other settings.</summary>
    protected void Restart(CoapSettings settings)
    {
        Bench.Dispose();
        Bench = new EchoBench(settings);
    }
}
