using System.Runtime.InteropServices;

namespace Gateway.Tests.Support;

/// <summary>Those functions of librdkafka (rdkafka.h, rdkafka_mock.h) that Confluent.Kafka has not.</summary>
internal static partial class Rdkafka
{
    public const string Name = "librdkafka";

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_new")]
    public static partial nint ConfNew();

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ConfSet(nint settings, string name, string value, [Out] byte[] error, nint size);

    [LibraryImport(Name, EntryPoint = "rd_kafka_new")]
    public static partial nint New(int type, nint settings, [Out] byte[] error, nint size);

    [LibraryImport(Name, EntryPoint = "rd_kafka_destroy")]
    public static partial void Destroy(nint client);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_cluster_new")]
    public static partial nint ClusterNew(nint client, int brokers);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    public static partial void ClusterDestroy(nint cluster);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    public static partial nint Bootstraps(nint cluster);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    public static partial void SetRebalanceDelay(nint cluster, int milliseconds);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int TopicCreate(nint cluster, string topic, int partitions, int replicas);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_topic_set_error", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void TopicSetError(nint cluster, string topic, int error);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    public static partial void PushErrors(nint cluster, short request, nuint count, int[] errors);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_broker_set_down")]
    public static partial int SetDown(nint cluster, int broker);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_broker_set_up")]
    public static partial int SetUp(nint cluster, int broker);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
    public static partial int SetRtt(nint cluster, int broker, int milliseconds);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_broker_set_host_port", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void SetHostPort(nint cluster, int broker, string host, int port);
}
