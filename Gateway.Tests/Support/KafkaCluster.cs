using System.Globalization;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Gateway.Sinks;

namespace Gateway.Tests.Support;

/// <summary>
/// A cluster of librdkafka's mock brokers within the test: sockets and protocol are real, topics come into being when they are asked for,
/// and what was taken is kept in memory, up to 5 MB or 100,000 messages in each partition. It knows neither TLS nor users.
/// </summary>
internal sealed class KafkaCluster : IDisposable
{
    private const int All = -1;
    private const short Produce = 0;

    private readonly nint _client;
    private readonly nint _cluster;

    static KafkaCluster()
    {
        // Whatever asks Confluent.Kafka for its version makes it load the library.
        _ = Library.Version;
        var library = KafkaNative.Loaded();
        NativeLibrary.SetDllImportResolver(typeof(KafkaCluster).Assembly, (name, _, _) => name == Rdkafka.Name ? library : 0);
    }

    public KafkaCluster(int brokers = 1)
    {
        var error = new byte[512];
        var settings = Rdkafka.ConfNew();
        Rdkafka.ConfSet(settings, "log_level", "0", error, error.Length);
        _client = Rdkafka.New(0, settings, error, error.Length);
        _cluster = Rdkafka.ClusterNew(_client, brokers);

        // A new group would wait three seconds for more members.
        Rdkafka.SetRebalanceDelay(_cluster, 0);
        Servers = Marshal.PtrToStringUTF8(Rdkafka.Bootstraps(_cluster))!.Split(',');
    }

    /// <summary>The brokers, as host:port.</summary>
    public IReadOnlyList<string> Servers { get; }

    /// <summary>The port of the first broker.</summary>
    public int Port => int.Parse(Servers[0].Split(':')[1], CultureInfo.InvariantCulture);

    public void CreateTopic(string topic, int partitions) => Assert.That(Rdkafka.TopicCreate(_cluster, topic, partitions, 1), Is.Zero);

    /// <summary>From now on clients are told that a topic is in this state.</summary>
    public void Say(string topic, ErrorCode code) => Rdkafka.TopicSetError(_cluster, topic, (int)code);

    /// <summary>What is sent next is answered so, one error for each request.</summary>
    public void Answer(params ErrorCode[] codes) =>
        Rdkafka.PushErrors(_cluster, Produce, (nuint)codes.Length, [.. codes.Select(code => (int)code)]);

    /// <summary>Cuts all connections and takes no new ones. What the brokers have they keep.</summary>
    public void Stop() => Assert.That(Rdkafka.SetDown(_cluster, All), Is.Zero);

    public void Start() => Assert.That(Rdkafka.SetUp(_cluster, All), Is.Zero);

    public Task RestartAsync()
    {
        Stop();
        Start();
        return Task.CompletedTask;
    }

    /// <summary>Answers only after so many milliseconds.</summary>
    public void Delay(int milliseconds) => Assert.That(Rdkafka.SetRtt(_cluster, All, milliseconds), Is.Zero);

    /// <summary>Clients find the first broker at another port, where something in between listens.</summary>
    public void AdvertiseAt(int port, string host = "127.0.0.1") => Rdkafka.SetHostPort(_cluster, 1, host, port);

    public void Dispose()
    {
        Rdkafka.ClusterDestroy(_cluster);
        Rdkafka.Destroy(_client);
    }
}
