using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Gateway.Routing;

internal enum IdentityKind
{
    /// <summary>The path's variable <c>device_id</c>.</summary>
    Path,

    /// <summary>A parameter of the query.</summary>
    Query,

    /// <summary>The text in a CoAP option.</summary>
    Option,

    /// <summary>The device whose DTLS key the request came under.</summary>
    Dtls,

    /// <summary>What the profile's script reads out of the payload.</summary>
    Script,

    /// <summary>The registration whose path it is, or that was made from the address that the request comes from.</summary>
    Address,
}

/// <summary>One way to find out who sent a request; a route tries its rules in order.</summary>
/// <param name="Kind">Where the id stands.</param>
/// <param name="Name">The query's parameter, for <see cref="IdentityKind.Query"/>.</param>
/// <param name="Option">The option's number, for <see cref="IdentityKind.Option"/>.</param>
internal sealed record IdentityRule(IdentityKind Kind, string Name = "", int Option = 0)
{
    /// <summary>The path variable that names a device.</summary>
    public const string DeviceVariable = "device_id";

    /// <summary>Reads <c>path</c>, <c>query:name</c>, <c>option:2001</c>, <c>dtls</c>, <c>script</c> or <c>address</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IdentityRule? rule, [NotNullWhen(false)] out string? problem)
    {
        var (kind, argument) = text.Split(':', 2) switch
        {
            [var alone] => (alone, null),
            var both => (both[0], both[1]),
        };
        rule = (kind, argument) switch
        {
            ("path", null) => new IdentityRule(IdentityKind.Path),
            ("dtls", null) => new IdentityRule(IdentityKind.Dtls),
            ("script", null) => new IdentityRule(IdentityKind.Script),
            ("address", null) => new IdentityRule(IdentityKind.Address),
            ("query", { Length: > 0 }) => new IdentityRule(IdentityKind.Query, Name: argument),
            ("option", not null) when ushort.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 =>
                new IdentityRule(IdentityKind.Option, Option: number),
            _ => null,
        };
        problem = rule is not null ? null
            : kind is "option" ? $"\"{text}\" needs the number of a CoAP option, 1..65535, such as \"option:65000\""
            : $"\"{text}\" is none of \"path\", \"query:<name>\", \"option:<number>\", \"dtls\", \"script\", \"address\"";
        return rule is not null;
    }
}
