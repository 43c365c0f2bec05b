using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Gateway.Coap;
using Gateway.Coap.Dtls;

namespace Gateway.Cli;

/// <summary><c>send</c>: a CoAP client for those who have none.</summary>
internal static class SendCommand
{
    public static Command Create()
    {
        var target = new Argument<string>("uri") { Description = "Where to: coap://host[:port]/path[?query], or coaps:// for DTLS." };
        var method = new Option<string>("--method", "-m") { Description = "GET, POST, PUT or DELETE.", DefaultValueFactory = _ => "POST" };
        var format = new Option<int?>("--content-format", "-t") { Description = "The payload's Content-Format: 42 for bytes, 50 for JSON." };
        method.AcceptOnlyFromAmong("GET", "POST", "PUT", "DELETE", "get", "post", "put", "delete");
        var non = new Option<bool>("--non", "-N") { Description = "Send it once and unacknowledged (NON), instead of until it is acknowledged (CON)." };
        var blockSize = new Option<int?>("--block-size", "-b")
        {
            Description = "The largest block to send and to take, in bytes: 16, 32, 64, 128, 256, 512 or 1024. A larger payload goes out block by block.",
            CustomParser = BlockSizeOf,
        };
        var payload = new PayloadOptions();
        var command = new Command("send", "Sends a CoAP request and prints the answer: its code, then its payload.") { target, method, format, non, blockSize };
        payload.AddTo(command);
        var psk = new PskOptions();
        psk.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            var (output, error) = (result.InvocationConfiguration.Output, result.InvocationConfiguration.Error);
            if (!CoapUri.TryParse(result.GetValue(target)!, out var uri, out var problem))
            {
                await error.WriteLineAsync(problem);
                return ExitCode.Usage;
            }

            if (payload.Read(result) is not { } bytes)
            {
                return ExitCode.Usage;
            }

            var security = uri.IsSecure ? psk.Read(result) : null;
            if (uri.IsSecure && security is null)
            {
                return ExitCode.Usage;
            }

            var request = new ClientRequest(MethodOf(result.GetValue(method)!), uri)
            {
                Payload = bytes,
                ContentFormat = result.GetValue(format),
                Confirmable = !result.GetValue(non),
                BlockSize = result.GetValue(blockSize),
            };
            return await SendAsync(request, security, output, error, cancellation);
        });
        return command;
    }

    private static int? BlockSizeOf(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var size) && size is >= 16 and <= 1024 && int.IsPow2(size))
        {
            return size;
        }

        result.AddError("--block-size: 16, 32, 64, 128, 256, 512 or 1024 is expected");
        return null;
    }

    private static async Task<int> SendAsync(ClientRequest request, DtlsClientSettings? security, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        using var client = new CoapClient(TimeProvider.System, new Random()) { Security = security };
        try
        {
            var answer = await client.SendAsync(request, cancellation);
            await output.WriteLineAsync(answer.Code.ToString());
            if (!answer.Payload.IsEmpty)
            {
                await output.WriteLineAsync(Show(answer));
            }

            return answer.Code.Class == 2 ? ExitCode.Success : ExitCode.Failure;
        }
        catch (CoapClientException e)
        {
            await error.WriteLineAsync(e.Message);
            return ExitCode.Failure;
        }
    }

    // An error's diagnostic is a text (RFC 7252 5.5.2), and some formats are; anything else is shown as hexadecimal digits.
    private static string Show(CoapMessage answer)
    {
        var format = answer.Options.Where(option => option.Number == OptionNumber.ContentFormat).Select(option => (int?)UintOption.Read(option.Value.Span)).FirstOrDefault();
        var isText = format is ContentFormat.TextPlain or ContentFormat.LinkFormat or ContentFormat.Json || (format is null && answer.Code.Class != 2);
        return isText && Utf8.IsValid(answer.Payload.Span) ? Encoding.UTF8.GetString(answer.Payload.Span) : Convert.ToHexStringLower(answer.Payload.Span);
    }

    private static CoapCode MethodOf(string name) => name.ToUpperInvariant() switch
    {
        "GET" => CoapCode.Get,
        "PUT" => CoapCode.Put,
        "DELETE" => CoapCode.Delete,
        _ => CoapCode.Post,
    };
}
