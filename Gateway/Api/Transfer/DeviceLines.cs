using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Api;

/// <summary>Devices as lines of JSON. No more than a line of it is in memory.</summary>
internal static class DeviceLines
{
    /// <summary>What ends a line.</summary>
    public static readonly ReadOnlyMemory<byte> NewLine = "\n"u8.ToArray();

    /// <summary>The lines of a body; those that are blank are counted and left out.</summary>
    public static async IAsyncEnumerable<DeviceLine> ReadAsync(PipeReader reader, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var number = 0L;
        var isTooLong = false;
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                number++;
                var line = rest.Slice(0, end);
                rest = rest.Slice(rest.GetPosition(1, end));
                if (Parse(line, number, isTooLong) is { } parsed)
                {
                    yield return parsed;
                }

                isTooLong = false;
            }

            if (read.IsCompleted)
            {
                if (Parse(rest, number + 1, isTooLong) is { } last)
                {
                    yield return last;
                }

                reader.AdvanceTo(read.Buffer.End);
                yield break;
            }

            // What is too long to be a device is let go of as it comes, up to the end of its line.
            isTooLong |= rest.Length > DeviceLine.MaxLength;
            reader.AdvanceTo(isTooLong ? rest.End : rest.Start, rest.End);
        }
    }

    /// <summary>Writes devices.</summary>
    public static async Task WriteAsync(IAsyncEnumerable<DeviceDocument> devices, Stream target, CancellationToken cancellation)
    {
        await foreach (var device in devices)
        {
            await JsonSerializer.SerializeAsync(target, device, ManagementApi.Json, cancellation);
            await target.WriteAsync(NewLine, cancellation);
        }
    }

    private static DeviceLine? Parse(ReadOnlySequence<byte> line, long number, bool isTooLong)
    {
        if (isTooLong || line.Length > DeviceLine.MaxLength)
        {
            return DeviceLine.Refused(number, $"the line has more than {DeviceLine.MaxLength} bytes");
        }

        var bytes = line.ToArray().AsSpan().Trim(" \t\r\n\uFEFF"u8);
        if (bytes.IsEmpty)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<DeviceDocument>(bytes, ManagementApi.Json) is { } document
                ? new DeviceLine(number, document, [])
                : DeviceLine.Refused(number, "a device is a JSON object, not null");
        }
        catch (JsonException e)
        {
            return DeviceLine.Refused(number, JsonProblem.What(e), BadRequests.PointerOf(e.Path));
        }
    }
}
