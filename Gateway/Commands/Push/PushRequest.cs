using System.Globalization;
using Gateway.Coap;

namespace Gateway.Commands;

/// <summary>The request with which a command goes to a device that has a CoAP server of its own: what the command's metadata say of it.</summary>
/// <param name="Method">The method: POST when none is named.</param>
/// <param name="Target">Path and query as they were written: <c>/actuators/valve?zone=2</c>.</param>
/// <param name="Options">The options that say path and query.</param>
/// <param name="Confirmable">Whether it is sent until the device acknowledges it; true when nothing is said.</param>
/// <param name="ContentFormat">The Content-Format of its payload; application/octet-stream when nothing is said.</param>
internal sealed record PushRequest(CoapCode Method, string Target, IReadOnlyList<CoapOption> Options, bool Confirmable, int ContentFormat)
{
    /// <summary>The member of the metadata that makes a command a request.</summary>
    public const string PathMember = "path";

    private const string MethodMember = "method";
    private const string ConfirmableMember = "confirmable";
    private const string ContentFormatMember = "content_format";

    private static readonly CoapCode[] Methods = [CoapCode.Post, CoapCode.Put, CoapCode.Patch, CoapCode.IPatch, CoapCode.Fetch, CoapCode.Get, CoapCode.Delete];

    /// <summary>Reads the metadata of a command that has a path.</summary>
    /// <param name="metadata">The metadata.</param>
    /// <param name="problem">When it can't be read: what is wrong, by the JSON path of the member.</param>
    public static PushRequest? Read(IReadOnlyDictionary<string, string> metadata, out CommandProblem? problem)
    {
        var target = metadata.GetValueOrDefault(PathMember, "");

        // The address is of no account: the device has its own.
        var uri = target.StartsWith('/') && CoapUri.TryParse("coap://127.0.0.1" + target, out var read, out _) ? read : null;
        var method = Array.Find(Methods, method => string.Equals(method.ToString(), metadata.GetValueOrDefault(MethodMember, "POST"), StringComparison.OrdinalIgnoreCase));
        var confirmable = metadata.GetValueOrDefault(ConfirmableMember, "true");
        var format = metadata.GetValueOrDefault(ContentFormatMember);
        var number = ushort.TryParse(format, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : (ushort)Coap.ContentFormat.OctetStream;
        problem = uri is null ? Problem(PathMember, "is a path at the device's own CoAP server, such as \"/actuators/valve\" or \"/valve?zone=2\", with at most 255 bytes in each part")
            : method.IsEmpty ? Problem(MethodMember, $"is one of {string.Join(", ", Methods)}")
            : confirmable is not ("true" or "false") ? Problem(ConfirmableMember, "is \"true\" or \"false\"")
            : format is not null && number.ToString(CultureInfo.InvariantCulture) != format ? Problem(ContentFormatMember, "is the number of a Content-Format, 0 to 65535")
            : null;
        return problem is null ? new PushRequest(method, target, [.. uri!.ToOptions()], confirmable is "true", number) : null;
    }

    /// <summary>The message; its ID and its token are given when it is sent.</summary>
    public CoapMessage ToMessage(ReadOnlyMemory<byte> payload) => new(Confirmable ? MessageType.Confirmable : MessageType.NonConfirmable, Method, default)
    {
        Options = payload.IsEmpty ? Options : [.. Options.Append(UintOption.Of(OptionNumber.ContentFormat, (uint)ContentFormat)).OrderBy(option => option.Number)],
        Payload = payload,
    };

    private static CommandProblem Problem(string member, string text) => new($"metadata.{member}", $"metadata.{member} {text}");
}
