using System.Net;
using System.Net.Sockets;
using Gateway.Coap;
using Gateway.Telemetry;

namespace Gateway.Configuration;

/// <summary>What a value's own type and range can't say: names that must exist, addresses, files that must differ.</summary>
internal static class SettingsValidator
{
    /// <summary>All that is wrong. <paramref name="baseFolder"/> is the folder that relative paths start from.</summary>
    public static IEnumerable<SettingsProblem> Validate(GatewaySettings settings, string baseFolder) =>
    [
        .. CoapAddresses(settings.Coap.Addresses),
        .. RouteRules.Check(settings),
        .. Profiles(settings),
        .. SinkRules.Check(settings),
        .. IntakeRules.Check(settings),
        .. AccessRules.Check(settings),
        .. LogLevels(settings),
        .. Collector(settings),
        .. Files(settings, baseFolder),
    ];

    private static IEnumerable<SettingsProblem> CoapAddresses(IReadOnlyList<string> addresses)
    {
        for (var i = 0; i < addresses.Count; i++)
        {
            var place = SettingsPath.Item("coap.addresses", i);
            if (addresses[i] is not "*" && !TryParseAddress(addresses[i], out _))
            {
                yield return new SettingsProblem(place, $"\"{addresses[i]}\" is no IP address, and not \"*\" for all addresses of this machine");
            }
            else if (addresses.Take(i).Contains(addresses[i]))
            {
                yield return new SettingsProblem(place, $"\"{addresses[i]}\" is in the list already");
            }
            else if (addresses[i] is not "*" && addresses.Contains("*"))
            {
                yield return new SettingsProblem(place, $"\"*\" covers \"{addresses[i]}\" already: leave one of them out");
            }
        }
    }

    private static IEnumerable<SettingsProblem> Profiles(GatewaySettings settings)
    {
        foreach (var (name, profile) in settings.Profiles)
        {
            var place = SettingsPath.Member("profiles", name);
            if (string.IsNullOrWhiteSpace(name))
            {
                yield return new SettingsProblem(place, "a profile needs a name");
            }

            foreach (var problem in ProofRules.Check(place, profile))
            {
                yield return problem;
            }

            for (var i = 0; i < profile.KnownOptions.Count; i++)
            {
                var option = profile.KnownOptions[i];
                var optionPlace = SettingsPath.Item(SettingsPath.Member(place, "known_options"), i);
                if (option is < 1 or > 65535)
                {
                    yield return new SettingsProblem(optionPlace, $"{option} is not within 1..65535");
                }
                else if (OptionRule.Of(option) is not null)
                {
                    yield return new SettingsProblem(optionPlace, $"{option} is one of CoAP's own options, and known already");
                }
            }

            var script = profile.Script;
            if (!script.EndsWith(".csx", StringComparison.Ordinal))
            {
                yield return new SettingsProblem(SettingsPath.Member(place, "script"), $"\"{script}\" is no script: its name must end with .csx");
            }
            else if (Path.IsPathRooted(script) || script.AsSpan().ContainsAny('\\', ':', '\0') || script.Split('/').Any(part => part is "" or "." or ".."))
            {
                yield return new SettingsProblem(SettingsPath.Member(place, "script"), $"\"{script}\" must name a file in the scripts folder, such as \"efento.csx\"");
            }
        }
    }

    private static IEnumerable<SettingsProblem> LogLevels(GatewaySettings settings) =>
        from name in settings.Log.Levels.Keys
        let problem = LogSettings.ProblemOf(name)
        where problem is not null
        select new SettingsProblem(SettingsPath.Member("log.levels", name), problem);

    private static IEnumerable<SettingsProblem> Collector(GatewaySettings settings) =>
        from problem in settings.Telemetry.Otlp?.Problems() ?? []
        select new SettingsProblem($"telemetry.otlp.{problem.Setting}", problem.Problem);

    private static IEnumerable<SettingsProblem> Files(GatewaySettings settings, string baseFolder)
    {
        if (settings.Devices.ImportPath is { } import && string.IsNullOrWhiteSpace(import))
        {
            yield return new SettingsProblem("devices.import_path", "must not be empty: leave it out, or write null, when there is nothing to import");
        }

        var impossible = SettingsPlaces.All(settings).Where(file => file.File.Contains('\0', StringComparison.Ordinal)).Select(file => file.Place).ToHashSet();
        foreach (var place in impossible)
        {
            yield return new SettingsProblem(place, "no file's name has the character \\u0000");
        }

        var taken = new Dictionary<string, string>(SettingsPlaces.Comparer);
        foreach (var (place, file) in SettingsPlaces.Written(settings).Where(file => !impossible.Contains(file.Place)))
        {
            if (!taken.TryAdd(Path.GetFullPath(file, baseFolder), place))
            {
                yield return new SettingsProblem(place, $"\"{file}\" is the file of {taken[Path.GetFullPath(file, baseFolder)]} already");
            }
        }
    }

    // IPAddress also takes 1 for 0.0.0.1, 010.0.0.1 for 8.0.0.1 and [::1]:80 for ::1, which nobody means.
    internal static bool TryParseAddress(string text, out IPAddress address) => IPAddress.TryParse(text, out address!)
        && (address.AddressFamily is AddressFamily.InterNetworkV6 ? !text.Contains('[', StringComparison.Ordinal) : address.ToString() == text);
}
