using System.Net;
using System.Security.Claims;

namespace Gateway.Access;

/// <summary>Who asks, as the audit record and the rate limits name them.</summary>
internal static class Caller
{
    /// <summary>Whoever is on this machine, while there is no key.</summary>
    public const string Local = "local";

    public const string KeyPrefix = "key/";

    public const string OpenIdPrefix = "open_id/";

    public static ClaimsPrincipal Of(string actor, IEnumerable<Role> roles, string scheme) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.Name, actor), .. roles.Select(role => new Claim(ClaimTypes.Role, role.Name()))], scheme, ClaimTypes.Name, ClaimTypes.Role));

    /// <summary>Who it is; null for who is not known.</summary>
    public static string? Actor(this ClaimsPrincipal somebody) => somebody.Identity is { IsAuthenticated: true, Name: { } name } ? name : null;

    /// <summary>The address that a request came from.</summary>
    public static string Origin(this HttpContext context) => Address(context) is { } address ? address.ToString() : "";

    /// <summary>What strangers are counted by: an address of IPv4, or the network of 2^64 addresses that one customer of IPv6 has.</summary>
    public static string Network(this HttpContext context)
    {
        if (Address(context) is not { } address)
        {
            return "";
        }

        if (address.AddressFamily is not System.Net.Sockets.AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes).ToString();
    }

    private static IPAddress? Address(HttpContext context) =>
        context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress;
}
