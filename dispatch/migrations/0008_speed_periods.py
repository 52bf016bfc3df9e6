import dispatch.models.station
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0007_driver_seen"),
    ]

    operations = [
        migrations.AddField(
            model_name="station",
            name="speed_evening",
            field=models.JSONField(blank=True, default=dispatch.models.station.in_the_evening, null=True),
        ),
        migrations.AddField(
            model_name="station",
            name="speed_midday",
            field=models.JSONField(blank=True, default=dispatch.models.station.at_midday, null=True),
        ),
        migrations.AddField(
            model_name="station",
            name="speed_morning",
            field=models.JSONField(blank=True, default=dispatch.models.station.in_the_morning, null=True),
        ),
        migrations.AddField(
            model_name="station",
            name="speed_night",
            field=models.JSONField(blank=True, default=dispatch.models.station.at_night, null=True),
        ),
        migrations.AddField(
            model_name="vehicletype",
            name="curb_side",
            field=models.BooleanField(
                default=False, help_text="Stops only where the address is on its own side of the street."
            ),
        ),
        migrations.AddField(
            model_name="vehicletype",
            name="free_roads",
            field=models.BooleanField(default=False, help_text="Never over toll roads or by ferries."),
        ),
        migrations.CreateModel(
            name="RoadEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="What people call it: the street, the reason.", max_length=120
                    ),
                ),
                (
                    "points",
                    models.JSONField(
                        help_text="Latitude and longitude of two or more places along the street."
                    ),
                ),
                (
                    "percent",
                    models.PositiveSmallIntegerField(default=0, help_text="Of the usual speed; 0 is closed."),
                ),
                ("start", models.DateTimeField()),
                (
                    "end",
                    models.DateTimeField(
                        blank=True, help_text="Empty: until somebody removes it.", null=True
                    ),
                ),
                ("actor", models.CharField(max_length=80)),
                (
                    "station",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="road_events",
                        to="dispatch.station",
                    ),
                ),
            ],
            options={
                "ordering": ["start", "id"],
                "indexes": [models.Index(fields=["station", "end"], name="road_event_of_station")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("end__isnull", True), ("end__gt", models.F("start")), _connector="OR"
                        ),
                        name="road_event_ends_after_start",
                    ),
                    models.CheckConstraint(condition=models.Q(("percent__lt", 100)), name="road_event_slows"),
                ],
            },
        ),
    ]
