using System.Diagnostics.Metrics;
using System.Net;
using BenchmarkDotNet.Attributes;
using Gateway.Coap;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Bench;

/// <summary>
/// What a request costs in the engine, without a socket: reading the message, reading its options, a request that is new through all layers
/// to its answer, and one that is a duplicate. The request is an Efento measurement; the answer an empty 2.04.
/// </summary>
[MemoryDiagnoser]
public class CoapBenchmark : IDisposable
{
    private static readonly Peer Device = Peer.From(IPEndPoint.Parse("192.0.2.1:40000"));

    // Room for half of the IDs that go round below, so that each comes as a new one.
    private static readonly CoapSettings Settings = new()
    {
        MaxExchanges = 32_768,
        MaxExchangesPerPeer = 32_768,
        PeerRequestsPerSecond = 0,
        PrefixRequestsPerSecond = 0,
    };

    private readonly byte[] _datagram = EngineOfBenchmarks.Request(1);
    private readonly byte[] _answer = new byte[CoapCodec.MaxDatagramSize];
    private ServiceProvider _services = null!;
    private MessageLayer _layer = null!;
    private long _sent;

    /// <summary>Builds the layers, and lets them grow to their full size.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _layer = EngineOfBenchmarks.New(Settings, _services.GetRequiredService<IMeterFactory>(), length => _sent += length);
        for (var request = 0; request <= ushort.MaxValue; request++)
        {
            New();
        }

        if (_sent != 8L * (ushort.MaxValue + 1))
        {
            throw new InvalidOperationException("not every request was answered");
        }
    }

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _layer.Dispose();
        _services.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A datagram to a view of a message: every byte of it is checked.</summary>
    [Benchmark]
    public bool Read() => CoapCodec.TryRead(_datagram, out _, out _);

    /// <summary>The same, and all that the engine wants to know of the options.</summary>
    [Benchmark]
    public int Options()
    {
        CoapCodec.TryRead(_datagram, out var message, out _);
        return RequestOptions.Read(message).ContentFormat ?? 0;
    }

    /// <summary>The empty 2.04.</summary>
    [Benchmark]
    public int Write() => new MessageWriter(_answer, MessageType.Acknowledgement, CoapCode.Changed, new MessageId(1), Token.From([1, 2, 3, 4])).Length;

    /// <summary>A request that has not come before, to its answer.</summary>
    [Benchmark(Baseline = true)]
    public void New()
    {
        NextId();
        _layer.Receive(Device, _datagram);
    }

    /// <summary>The same request once more.</summary>
    [Benchmark]
    public void Duplicate() => _layer.Receive(Device, _datagram);

    private void NextId()
    {
        var id = BinaryPrimitives.ReadUInt16BigEndian(_datagram.AsSpan(2));
        BinaryPrimitives.WriteUInt16BigEndian(_datagram.AsSpan(2), (ushort)(id + 1));
    }
}
