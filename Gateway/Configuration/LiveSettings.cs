using System.Text.Json;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Routing;
using Gateway.Scripting;
using Gateway.Sinks;
using Gateway.Storage;
using Gateway.Telemetry;
using Gateway.Uplink;

namespace Gateway.Configuration;

/// <summary>The settings that the gateway runs with, and how those are changed that can be changed while it runs.</summary>
internal sealed class LiveSettings
{
    private static readonly SectionShape Shape = (SectionShape)SettingsShape.Of(typeof(GatewaySettings));

    private readonly ScriptCatalog _scripts;
    private readonly ProfileCatalog _profiles;
    private readonly IReadOnlyList<(string Name, Func<GatewaySettings, Task> Apply)> _sections;

    // Replaced as a whole, by one caller at a time.
    private volatile GatewaySettings _now;

    public LiveSettings(
        GatewaySettings started, ProfileCatalog profiles, LiveRoutes routes, DeviceDirectory devices, ScriptCatalog scripts, LiveParser parser,
        CommandRegistry registry, ReadyScripts ready, SqliteJournal journal, Replays replays, CommandConsumer commands, CommandRuns runs, CommandPush push, SinkReloader sinks, Backups backups, LogLevelSwitch log)
    {
        (_now, _scripts, _profiles) = (started, scripts, profiles);

        // In this order: a new route's profile must be there before it.
        _sections =
        [
            ("profiles", settings => ReplaceProfilesAsync(settings.Profiles)),
            Swap("routes", settings => routes.Replace(RouteTable.Of(settings.Routes))),
            Swap("devices", settings => devices.Use(settings.Devices)),
            Swap("scripts", settings => parser.Use(settings.Scripts)),
            Swap("scripts", settings => registry.Use(settings.Scripts)),
            Swap("scripts", settings => ready.Use(settings.Scripts)),
            Swap("journal", settings => journal.Use(settings.Journal)),
            Swap("replay", settings => replays.Use(settings.Replay)),
            Swap("commands", settings => commands.Use(settings.Commands)),
            Swap("commands", settings => runs.Use(settings.Commands)),
            Swap("commands", settings => push.Use(settings.Commands)),
            ("sinks", settings => sinks.ReloadAsync(settings.Sinks)),
            Swap("backup", settings => backups.Use(settings.Backup)),
            Swap("log", settings => log.Use(settings.Log)),
        ];
    }

    /// <summary>The settings as they are in force.</summary>
    public GatewaySettings Now => _now;

    /// <summary>
    /// Brings to life what can be brought to life of the settings that are wanted. One section's failure does not keep the others from it.
    /// One caller at a time.
    /// </summary>
    /// <param name="wanted">The settings of gateway.json.</param>
    /// <returns>The sections that could not be changed, and why.</returns>
    public async Task<IReadOnlyList<SectionFailure>> ApplyAsync(GatewaySettings wanted)
    {
        var failures = new List<SectionFailure>();
        var possible = LivePlaces.Merge(_now, wanted);
        foreach (var section in _sections.GroupBy(section => section.Name))
        {
            var member = Shape.Find(section.Key)!;
            if (TextOf(member, _now) == TextOf(member, possible))
            {
                continue;
            }

            try
            {
                foreach (var (_, apply) in section)
                {
                    await apply(possible);
                }

                var next = _now with { };
                member.Set(next, member.Get(possible));
                _now = next;
            }
            catch (Exception failure)
            {
                failures.Add(new SectionFailure(section.Key, failure));
            }
        }

        return failures;
    }

    // Compiled before it is needed: else the first frames would have to wait for it.
    private async Task ReplaceProfilesAsync(IReadOnlyDictionary<string, ProfileSettings> profiles)
    {
        foreach (var script in profiles.Values.Select(profile => profile.Script).Distinct(StringComparer.Ordinal))
        {
            await _scripts.GetAsync(script, CancellationToken.None);
        }

        _profiles.Replace(profiles);
    }

    private static (string Name, Func<GatewaySettings, Task> Apply) Swap(string name, Action<GatewaySettings> swap)
    {
        Task Apply(GatewaySettings settings)
        {
            swap(settings);
            return Task.CompletedTask;
        }

        return (name, Apply);
    }

    private static string TextOf(SettingsMember member, GatewaySettings settings) =>
        JsonSerializer.Serialize(member.Get(settings), member.Type, SettingsJson.CompactOptions);
}

/// <summary>A section that could not be changed.</summary>
internal sealed record SectionFailure(string Section, Exception Cause);
