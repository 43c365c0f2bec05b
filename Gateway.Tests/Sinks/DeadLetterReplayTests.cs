using System.Text;
using CsCheck;
using Gateway.Sinks;
using Gateway.Tests.Support;

namespace Gateway.Tests.Sinks;

/// <summary>The files of dead letters that are offered again.</summary>
internal sealed class DeadLetterReplayTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    private string File => _folder.PathOf("dead/web.ndjson");

    [Test]
    public void A_message_is_made_again_of_its_line() =>
        (from body in Gen.String
         from device in Gen.String
         from index in Gen.String.Null()
         from labels in Gen.String.Array[0, 3]
         from revision in Gen.Int[0, 3]
         from kind in Gen.Enum<MessageKind>()
         from readings in Gen.Int[0, 3]
         from place in Gen.Int[0, 9]
         select new SinkMessage
         {
             Id = new MessageId("3f2a9c01b7d4e658", 7, place),
             Kind = kind,
             DeviceId = device,
             Index = string.IsNullOrEmpty(index) ? null : index,
             Labels = labels,
             Revision = revision,
             Replaces = revision > 0 ? "3f2a9c01b7d4e658-3" : null,
             Readings = readings,
             Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
             Profile = "efento",
             ContentType = "application/json",
             Body = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { body }),
         }).Sample(message =>
         {
             var again = DeadLetterLine.Read(DeadLetterLine.Write(new Refusal(message, "no"), message.Time))!;
             Assert.That(again with { Body = default, Labels = [] }, Is.EqualTo(message with { Body = default, Labels = [] }));
             Assert.That(again.Labels, Is.EqualTo(message.Labels));
             Assert.That(again.Body.ToArray(), Is.EqualTo(message.Body.ToArray()), "byte for byte");
         });

    [TestCase("")]
    [TestCase("no JSON")]
    [TestCase("[1]")]
    [TestCase("{}")]
    [TestCase("""{"message_id":"x","kind":"reading"}""")]
    [TestCase("""{"message_id":"3f2a9c01b7d4e658-1-0","kind":"rumour"}""")]
    public void What_is_no_letter_is_no_message(string line) => Assert.That(DeadLetterLine.Read(Encoding.UTF8.GetBytes(line)), Is.Null);

    [Test]
    public void All_letters_are_offered_once_the_oldest_first_and_then_the_files_are_gone()
    {
        Write(File + ".1", 1, 2);
        Write(File, 3, 4, 5);
        var replay = Begin();
        Write(File, 6);

        Assert.That(All(replay), Is.EqualTo(new[] { 1, 2, 3, 4, 5 }), "6 was refused meanwhile");
        Assert.That(Directory.GetFiles(_folder.PathOf("dead")), Is.EqualTo(new[] { File }));
    }

    [Test]
    public void Another_replay_goes_on_where_one_was_killed_and_nothing_is_lost()
    {
        Write(File, 1, 2, 3, 4, 5);
        var killed = Begin();
        killed.Settled(killed.Next(2)!);
        _ = killed.Next(2);
        Write(File, 6);

        Assert.That(DeadLetterReplay.Left(File), Has.Count.EqualTo(1));
        Assert.That(All(Begin()), Is.EqualTo(new[] { 3, 4, 5, 6 }), "3 and 4 were under way");
    }

    [Test]
    public void Letters_that_wait_in_a_replay_are_counted()
    {
        Write(File, 1, 2, 3, 4, 5);
        var replay = Begin();
        replay.Settled(replay.Next(2)!);
        Write(File, 6);

        Assert.That(new DeadLetterFile(File, 1024 * 1024, TimeProvider.System).Count, Is.EqualTo(4));
    }

    [Test]
    public void What_cannot_be_read_goes_back_as_it_is()
    {
        Write(File, 1);
        System.IO.File.AppendAllText(File, "edited by hand\n{\"half\":");

        Assert.That(All(Begin()), Is.EqualTo(new[] { 1 }));
        Assert.That(System.IO.File.ReadAllText(File), Is.EqualTo("edited by hand\n{\"half\":\n"));
    }

    [Test]
    public void A_line_that_is_longer_than_a_read_is_whole()
    {
        var body = "{\"n\":\"" + new string('x', 9 * 1024 * 1024) + "\"}";
        Write(File, [.. SomeMessages.Of(body, "{}")]);

        var replay = Begin();
        var first = replay.Next(10)!;
        replay.Settled(first);

        Assert.That(first.Messages.Select(message => message.Body.Length), Is.EqualTo(new[] { body.Length, 2 }));
        Assert.That(replay.Next(10), Is.Null);
    }

    private DeadLetterReplay Begin() => DeadLetterReplay.Begin(File, File + ".1", File);

    private static List<long> All(DeadLetterReplay replay)
    {
        var all = new List<long>();
        for (var letters = replay.Next(2); letters is not null; letters = replay.Next(2))
        {
            all.AddRange(letters.Messages.Select(message => message.Id.Sequence));
            replay.Settled(letters);
        }

        return all;
    }

    private static void Write(string file, params int[] records) =>
        Write(file, [.. records.Select(record => SomeMessages.Of("{}")[0] with { Id = new MessageId(SomeMessages.Journal, record, 0) })]);

    private static void Write(string file, SinkMessage[] messages) =>
        LineFile.Append(file, [.. messages.Select(message => DeadLetterLine.Write(new Refusal(message, "no"), message.Time))]);
}
