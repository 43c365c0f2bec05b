using System.Text;
using CsCheck;
using Gateway.Journal;

namespace Gateway.Tests.Journal;

/// <summary>Lines that are much alike take little room, and come back as they were.</summary>
internal sealed class FoldedLinesTests
{
    // Few letters and many line ends: so lines share beginnings, ends, and both at once.
    private static readonly Gen<byte[]> Lines = Gen.OneOf(Gen.OneOfConst((byte)'a', (byte)'b', (byte)'\n').Array[0, 200], Gen.Byte.Array[0, 300]);

    [Test]
    public void What_is_folded_unfolds_to_what_it_was() => Lines.Sample(lines => Assert.That(Unfold(Fold(lines)), Is.EqualTo(lines)));

    [Test]
    public void Any_bytes_unfold_or_are_refused() => Lines.Sample(bytes => Unfold(bytes));

    [Test]
    public void Folded_bytes_of_which_one_is_changed_unfold_or_are_refused() => Gen.Select(Lines, Gen.Int[0, int.MaxValue], Gen.Byte).Sample((lines, place, value) =>
    {
        var folded = Fold(lines);
        folded[place % folded.Length] = value;
        Unfold(folded);
    });

    [Test]
    public void The_room_that_is_asked_for_is_enough() => Lines.Sample(lines => Fold(lines).Length <= FoldedLines.MaxBytes(lines));

    [Test]
    public void Readings_of_one_frame_take_little_more_than_one()
    {
        static string Line(int number) =>
            $$"""{"device_id":"282c02400001","index":"TEMPERATURE","values":[{{number}}],"unit":"Cel","timestamp":"2026-01-02T03:04:{{number}}Z","label":[],"metadata":{"battery_ok":true,"channel_number":1},"request_id":"019a"}""" + "\n";

        var one = Fold(Encoding.UTF8.GetBytes(Line(10))).Length;
        var fifty = Fold(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(10, 50).Select(Line)))).Length;

        Assert.That(fifty, Is.LessThan(one + (49 * 70)));
    }

    // What stands on disks out there must stay readable.
    [Test]
    public void The_form_is_this()
    {
        var folded = Fold("{\"a\":1,\"b\":2}\n{\"a\":17,\"b\":2}\n"u8.ToArray());

        Assert.That(Convert.ToHexString(folded), Is.EqualTo("1D" + "0E" + Convert.ToHexString("{\"a\":1,\"b\":2}\n"u8) + "06" + "08" + "01" + "37"));
        Assert.That(Unfold(folded), Is.EqualTo("{\"a\":1,\"b\":2}\n{\"a\":17,\"b\":2}\n"u8.ToArray()));
    }

    private static byte[] Fold(byte[] lines)
    {
        var bytes = new byte[FoldedLines.MaxBytes(lines)];
        var writer = new FieldWriter(bytes);
        FoldedLines.Write(ref writer, lines);
        return bytes[..writer.Position];
    }

    private static byte[]? Unfold(byte[] folded)
    {
        var reader = new FieldReader(folded);
        var lines = FoldedLines.Read(ref reader);
        return reader.Failed ? null : lines.ToArray();
    }
}
