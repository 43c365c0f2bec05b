using System.Diagnostics.Metrics;
using Gateway.Coap;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Bench;

/// <summary>The CoAP engine without a socket, which answers everything with an empty 2.04, and what it is sent.</summary>
internal static class EngineOfBenchmarks
{
    /// <param name="settings">Its settings.</param>
    /// <param name="meters">Where it counts.</param>
    /// <param name="sent">Is told how many bytes each answer has.</param>
    public static MessageLayer New(CoapSettings settings, IMeterFactory meters, Action<int> sent)
    {
        var metrics = new CoapMetrics(meters);
        var (time, log) = (TimeProvider.System, NullLogger.Instance);
        var requests = new RequestLayer(
            new EchoSite(), settings, new BlockwiseServer(settings, TransmissionParameters.Default, time, metrics),
            new AmplificationGuard(settings, TransmissionParameters.Default, time, metrics, log), new Observers(settings, time, metrics, log), time, log, CancellationToken.None);
        return new MessageLayer(
            settings, TransmissionParameters.Default, time, new Random(1), metrics, log, requests.AnswerAsync, (_, datagram, _) => sent(datagram.Length));
    }

    /// <summary>An Efento measurement as a CON POST, like no other by its message ID and token.</summary>
    public static byte[] Request(int number) => CoapCodec.Encode(new CoapMessage(MessageType.Confirmable, CoapCode.Post, new MessageId((ushort)number))
    {
        Token = Token.From(BitConverter.GetBytes(number)),
        Options = [new CoapOption(OptionNumber.UriPath, "m"u8.ToArray()), UintOption.Of(OptionNumber.ContentFormat, 42)],
        Payload = Frames.Efento,
    });
}
