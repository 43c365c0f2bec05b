using System.Diagnostics.Metrics;
using System.Net;
using BenchmarkDotNet.Attributes;
using Gateway.Coap;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

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

    private readonly byte[] _datagram = CoapCodec.Encode(new CoapMessage(MessageType.Confirmable, CoapCode.Post, new MessageId(1))
    {
        Token = Token.From([1, 2, 3, 4]),
        Options = [new CoapOption(OptionNumber.UriPath, "m"u8.ToArray()), UintOption.Of(OptionNumber.ContentFormat, 42)],
        Payload = Frames.Efento,
    });

    private readonly byte[] _answer = new byte[CoapCodec.MaxDatagramSize];
    private ServiceProvider _services = null!;
    private MessageLayer _layer = null!;
    private long _sent;

    /// <summary>Builds the layers, and lets them grow to their full size.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new CoapMetrics(_services.GetRequiredService<IMeterFactory>());
        var (time, log) = (TimeProvider.System, NullLogger.Instance);
        var requests = new RequestLayer(
            new EchoSite(), Settings, new BlockwiseServer(Settings, TransmissionParameters.Default, time, metrics),
            new AmplificationGuard(Settings, TransmissionParameters.Default, time, metrics, log), new Observers(Settings, time, metrics, log), time, log, CancellationToken.None);
        _layer = new MessageLayer(
            Settings, TransmissionParameters.Default, time, new Random(1), metrics, log, requests.AnswerAsync, (_, datagram, _) => _sent += datagram.Length);
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
