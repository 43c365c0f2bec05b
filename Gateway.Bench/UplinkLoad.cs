using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gateway.Coap;

namespace Gateway.Bench;

/// <summary>Devices that send at a fixed rate. A request that is late because the answer before it was, counts from when it was due.</summary>
internal static class UplinkLoad
{
    private const int Sockets = 50;

    // A device would send again after two seconds at the earliest; what is not answered by then is lost here.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static string NameOf(int device) => string.Create(CultureInfo.InvariantCulture, $"bench{device:0000}");

    /// <summary>Sends, and gives how long each answer took in milliseconds.</summary>
    /// <param name="port">The gateway's port on the loopback address.</param>
    /// <param name="rate">How many a second in all.</param>
    /// <param name="length">For how long.</param>
    /// <param name="devices">How many devices take turns.</param>
    public static async Task<(IReadOnlyList<double> Latencies, int Lost)> RunAsync(int port, int rate, TimeSpan length, int devices)
    {
        var latencies = new ConcurrentBag<double>();
        var each = (int)(rate * length.TotalSeconds / Sockets);
        var lost = await Task.WhenAll(Enumerable.Range(0, Sockets).Select(number => Task.Run(() => SendAsync(port, number, each, length / each, devices, latencies))));
        return ([.. latencies], lost.Sum());
    }

    private static async Task<int> SendAsync(int port, int number, int count, TimeSpan interval, int devices, ConcurrentBag<double> latencies)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        ArrivalTime.Keep(socket);
        var (buffer, lost, started) = (new byte[1500], 0, Stopwatch.GetTimestamp());

        // Not all at once.
        var first = interval * number / Sockets;
        for (var i = 0; i < count; i++)
        {
            // That a busy machine wakes the load late is not the gateway's doing, and does not count.
            var due = first + (interval * i);
            var behind = Stopwatch.GetElapsedTime(started) - due;
            if (behind < TimeSpan.Zero)
            {
                await Task.Delay(-behind, TimeProvider.System, CancellationToken.None);
                behind = TimeSpan.Zero;
            }

            // Of the sockets together one device after the other, each as often as the others, and as long after its last time.
            var id = (ushort)((i * Sockets) + number);
            var request = RequestOf(id, NameOf(((i * Sockets) + number) % devices));
            var sentAt = TimeProvider.System.GetUtcNow();
            socket.Send(request);
            var isAnswered = await IsAnsweredAsync(socket, buffer, id);
            lost += isAnswered ? 0 : 1;
            latencies.Add((behind + (isAnswered ? ArrivalTime.Last(socket) - sentAt : Patience)).TotalMilliseconds);
        }

        return lost;
    }

    private static async Task<bool> IsAnsweredAsync(Socket socket, byte[] buffer, ushort id)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, patience.Token);
                if (length >= 4 && BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(2)) == id)
                {
                    return CoapCodec.CodeOf(buffer) == CoapCode.Created;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static byte[] RequestOf(ushort id, string device) => CoapCodec.Encode(new CoapMessage(MessageType.Confirmable, CoapCode.Post, new MessageId(id))
    {
        Token = Token.From([(byte)(id >> 8), (byte)id]),
        Options =
        [
            new CoapOption(OptionNumber.UriPath, "devices"u8.ToArray()),
            new CoapOption(OptionNumber.UriPath, Encoding.UTF8.GetBytes(device)),
            new CoapOption(OptionNumber.UriPath, "data"u8.ToArray()),
        ],
        Payload = Frames.Efento,
    });
}
