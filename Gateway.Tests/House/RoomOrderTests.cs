using System.Text.RegularExpressions;

namespace Gateway.Tests.House;

/// <summary>The rooms stand in the order in which a frame walks through them, and none looks to its right.</summary>
internal sealed partial class RoomOrderTests
{
    // Scripting.Contract is what scripts see of the whole gateway; it knows no room, and so stands before all that speak its words.
    private static readonly string[] Rooms =
    [
        "Scripting.Contract", "Coap", "Routing", "Devices", "Scripting", "Journal", "Commands", "Uplink", "Sinks", "Intake", "Storage", "Access", "Telemetry",
        "Configuration", "Api", "Cli",
    ];

    [Test]
    public void A_room_uses_only_rooms_to_its_left()
    {
        var offences = from file in Sources()
                       let room = RoomOf(file)
                       where room >= 0
                       from used in UsedRooms(File.ReadAllText(file))
                       where used > room
                       select $"{Repository.Relative(file)}: {Rooms[room]} uses {Rooms[used]}, which stands to its right";

        Assert.That(offences.Distinct(), Is.Empty);
    }

    [Test]
    public void Every_folder_is_a_room()
    {
        var strangers = Sources().Where(file => RoomOf(file) < 0 && Path.GetFileName(file) is not "Program.cs");

        Assert.That(strangers.Select(Repository.Relative), Is.Empty, "a new folder needs its place in the order of the rooms");
    }

    private static IEnumerable<string> Sources() => Repository.SourceFiles("Gateway");

    private static int RoomOf(string file)
    {
        var folder = Path.GetRelativePath(Repository.PathOf("Gateway"), Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.');
        return Nearest(folder);
    }

    private static IEnumerable<int> UsedRooms(string source) => RoomName().Matches(source).Select(match => Nearest(match.Groups[1].Value)).Where(room => room >= 0);

    // "Coap.Dtls" belongs to Coap; "Scripting.Contract" is a room of its own.
    private static int Nearest(string name)
    {
        for (var candidate = name; candidate.Length > 0; candidate = candidate[..Math.Max(candidate.LastIndexOf('.'), 0)])
        {
            if (Array.IndexOf(Rooms, candidate) is >= 0 and var room)
            {
                return room;
            }
        }

        return -1;
    }

    [GeneratedRegex(@"\bGateway\.((?:[A-Z]\w*)(?:\.[A-Z]\w*)*)")]
    private static partial Regex RoomName();
}
