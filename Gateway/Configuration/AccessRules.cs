using System.Net;

namespace Gateway.Configuration;

/// <summary>What must hold for how the management API is reached, and by whom. Whether there is a key is known at start only.</summary>
internal static class AccessRules
{
    public static IEnumerable<SettingsProblem> Check(GatewaySettings settings)
    {
        var (api, place) = (settings.Api, "api.address");
        if (!SettingsValidator.TryParseAddress(api.Address, out var address))
        {
            yield return new SettingsProblem(place, $"\"{api.Address}\" is no IP address: write 127.0.0.1 or ::1, or 0.0.0.0 or :: for all addresses of this machine");
        }
        else if (!IPAddress.IsLoopback(address) && api.Tls is null && !api.AllowPlainHttp)
        {
            yield return new SettingsProblem(place,
                $"{api.Address} can be reached from other machines, and without api.tls everybody on the way reads the keys: give a certificate, write 127.0.0.1 or ::1, "
                + "or say api.allow_plain_http where a proxy in front brings TLS");
        }

        if (settings.Access.OpenId is { } openId)
        {
            if (!Uri.TryCreate(openId.Authority, UriKind.Absolute, out var authority) || authority.Scheme is not ("https" or "http"))
            {
                yield return new SettingsProblem("access.open_id.authority", $"\"{openId.Authority}\" is no address such as \"https://login.example.com/realms/main\"");
            }
            else if (authority.Scheme is "http" && !authority.IsLoopback)
            {
                yield return new SettingsProblem("access.open_id.authority", "must be https: whoever is on the way could give out keys of their own");
            }
        }
    }
}
