using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Gateway.Sinks;

/// <summary>
/// The one function of librdkafka that the sink needs and Confluent.Kafka has not: to drop what a producer still has. Confluent.Kafka
/// holds each message until librdkafka has reported on it, and after a Dispose hears no reports: what was on its way by then would
/// never be freed.
/// </summary>
internal static unsafe class KafkaNative
{
    // rdkafka.h: RD_KAFKA_PURGE_F_QUEUE and RD_KAFKA_PURGE_F_INFLIGHT.
    private const int QueuedAndOnTheWay = 1 | 2;

    private static readonly Lazy<nint> PurgeFunction = new(() => NativeLibrary.GetExport(Loaded(), "rd_kafka_purge"));

    /// <summary>Lets a producer report all its messages as dropped; those that are with a broker may be taken all the same.</summary>
    /// <exception cref="InvalidOperationException">It was not possible.</exception>
    public static void Purge(Handle producer)
    {
        var handle = (SafeHandle)HandleOf(producer);
        var referenced = false;
        try
        {
            handle.DangerousAddRef(ref referenced);
            var error = ((delegate* unmanaged[Cdecl]<nint, int, int>)PurgeFunction.Value)(handle.DangerousGetHandle(), QueuedAndOnTheWay);
            if (error != 0)
            {
                throw new InvalidOperationException($"rd_kafka_purge answered {(ErrorCode)error}");
            }
        }
        finally
        {
            if (referenced)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>The copy of librdkafka that is in use: its package has several for Linux, and Confluent.Kafka takes the first that loads.</summary>
    public static nint Loaded()
    {
        using var process = Process.GetCurrentProcess();
        var module = process.Modules.Cast<ProcessModule>().FirstOrDefault(module => module.ModuleName.Contains("rdkafka", StringComparison.Ordinal))
            ?? throw new InvalidOperationException("librdkafka is not loaded");
        return NativeLibrary.Load(module.FileName);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_LibrdkafkaHandle")]
    [return: UnsafeAccessorType("Confluent.Kafka.Impl.SafeKafkaHandle, Confluent.Kafka")]
    private static extern object HandleOf(Handle producer);
}
