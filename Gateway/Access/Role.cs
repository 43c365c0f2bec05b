using System.Security.Claims;
using System.Text.Json;

namespace Gateway.Access;

/// <summary>What somebody may do at the management API. Everybody who has a role may look at all but the keys and the audit record.</summary>
internal enum Role
{
    /// <summary>Looks, and changes nothing.</summary>
    Viewer,

    /// <summary>Runs the fleet: devices and their approval, commands, sinks.</summary>
    Operator,

    /// <summary>Teaches the gateway: scripts and their versions, and frames that are read again.</summary>
    Integrator,

    /// <summary>May do everything; alone has to do with keys and the audit record.</summary>
    Admin,
}

internal static class Roles
{
    /// <summary>All of them, as they are written: <c>viewer, operator, integrator, admin</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<Role>().Select(role => role.Name())];

    public static string Name(this Role role) => JsonNamingPolicy.SnakeCaseLower.ConvertName(role.ToString());

    public static bool TryParse(string? text, out Role role)
    {
        var index = Names.IndexOf(text);
        role = index < 0 ? default : (Role)index;
        return index >= 0;
    }

    /// <summary>The roles that somebody has; none for who is not known.</summary>
    public static IEnumerable<Role> Of(ClaimsPrincipal somebody)
    {
        foreach (var claim in somebody.FindAll(ClaimTypes.Role))
        {
            if (TryParse(claim.Value, out var role))
            {
                yield return role;
            }
        }
    }

    /// <summary>Whether somebody may look at what a <see cref="Role.Viewer"/> may.</summary>
    public static bool MayLook(this ClaimsPrincipal somebody) => Of(somebody).Any();

    private static int IndexOf(this IReadOnlyList<string> names, string? text)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == text)
            {
                return i;
            }
        }

        return -1;
    }
}
