"""The main window: the picture, the panel, the transport bar, the status line, menus and keys; it computes nothing."""

from collections import ChainMap

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDockWidget, QMenu, QVBoxLayout, QWidget

from mmviz.picture.cell.picking import Picked, describe, scale_told
from mmviz.picture.eye.in_view import may_stay
from mmviz.render.offscreen import offscreen
from mmviz.render.renderer import Renderers
from mmviz.viewer.beside.beside import Beside
from mmviz.viewer.canvas.navigation import Navigation
from mmviz.viewer.canvas.scene_camera import SceneCamera
from mmviz.viewer.canvas.seen import Seen
from mmviz.viewer.controls.make_room import MakeRoom
from mmviz.viewer.controls.panel_tabs import PanelTabs
from mmviz.viewer.dialogs import Dialogs
from mmviz.viewer.file_commands import Files
from mmviz.viewer.heads.heads import Heads
from mmviz.viewer.host import Host
from mmviz.viewer.menus import offers
from mmviz.viewer.menus.actions import Bindings, bind, fill_menu_bar
from mmviz.viewer.menus.appearance import Appearance
from mmviz.viewer.menus.command_palette import CommandPalette
from mmviz.viewer.menus.context import ContextMenus
from mmviz.viewer.menus.kept_menu import KeptMenu
from mmviz.viewer.menus.shortcuts import Shortcuts
from mmviz.viewer.menus.undoing import Undoing
from mmviz.viewer.menus.whole_window import WholeWindow
from mmviz.viewer.recovering import Recovering
from mmviz.viewer.session.models_here import ModelsHere, none_here
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.session.shown_scene import BuildAgain, Opener, Shown, built_by_nobody
from mmviz.viewer.start.examples import named_examples
from mmviz.viewer.start_commands import Starts
from mmviz.viewer.stray_keys import StrayKeys
from mmviz.viewer.tabs.explain.pinning import Pinning
from mmviz.viewer.tabs.look.look_panel import LookPanel
from mmviz.viewer.tabs.model.model_panel import ModelPanel
from mmviz.viewer.tabs.motion.motion_panel import MotionPanel
from mmviz.viewer.tabs.scene.copying import Copying
from mmviz.viewer.tabs.scene.number_links import NumberLinks
from mmviz.viewer.tabs.scene.scene_panel import ScenePanel
from mmviz.viewer.tabs.scene.tree_links import TreeLinks
from mmviz.viewer.tokens.pointing import Pointing
from mmviz.viewer.tokens.reading import Reading
from mmviz.viewer.tokens.token_menu import TokenMenu
from mmviz.viewer.transport import Transport

PANEL_WIDTH, NARROW_PANEL = 340, 264


class MainWindow(Host):
    """One scene in a window. Call `release` when it was closed.

    Args:
        scene: The scene; its numbers are there.
        opener: Makes a scene of a path, a link or a model's name.
        renderers: Opens what draws the picture.
        build_again: Builds another layer, head or model of a scene that was built.
        models: Lists the models of this machine.

    Raises:
        DisplayError: this machine cannot draw.
    """

    closed = Signal()

    def __init__(
        self,
        scene: Shown,
        opener: Opener,
        renderers: Renderers = offscreen,
        build_again: BuildAgain = built_by_nobody,
        models: ModelsHere = none_here,
    ) -> None:
        super().__init__(scene, opener, renderers)
        self._make_ways_to_look()
        self._make_tabs(opener, build_again)
        self._make_parts(renderers, build_again, models)
        self._bind_commands()
        self._assemble()
        self._connect()
        self._show_scene(scene)
        self._settle()

    def release(self) -> None:
        """Stop playing and waiting, and free what the graphics driver holds."""
        self.desk.undo.blockSignals(True)  # it would say that it is empty when the window is gone already
        self.player.pause()
        self.desk.background.forget()
        self.recovering.autosave.let_go()
        self.files.leave()
        self.dialogs.end()
        self.starts.end()
        self.heads.end()
        self.beside.release()
        self.view.release()

    def bind(self, bindings: Bindings) -> None:
        """Give commands something to do; their keys work whichever child has the focus."""
        bind(self, bindings)

    def createPopupMenu(self) -> QMenu:
        """What Qt opens over the bars."""
        return self.context_menus.of("bars")

    def point(self, picked: Picked | None) -> None:
        """Say in the status line what is under the pointer."""
        composition = self.desk.scene.composition
        told = () if picked is None else (describe(picked, composition), scale_told(picked, composition))
        self.status.say("   ·   ".join(filter(None, told)))

    def may_close(self) -> bool:
        """Whether nothing is lost by closing, or the user agrees: of an export under way, of unsaved changes."""
        return self.dialogs.may_close() and self.files.may_leave()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell who waits for it, unless there is something that the user wants to keep."""
        if not self.may_close():
            event.ignore()
            return
        self.player.pause()
        self.desk.background.forget()
        self.recovering.autosave.end()
        self.files.leave()
        self.hide()  # what is being exported may take a moment to end
        self.dialogs.end()
        self.starts.end()
        self.heads.end()
        super().closeEvent(event)
        self.closed.emit()

    # what commands do

    def _play_bindings(self) -> Bindings:
        player = self.player
        return {
            "play": player.toggle,
            "pause": player.pause,
            "step_on": lambda: player.step(1),
            "step_back": lambda: player.step(-1),
            "first": self._begin_or_come_back,
            "last": lambda: self._rest_at(player.steps),
            "next_chapter": lambda: player.chapter(1),
            "previous_chapter": lambda: player.chapter(-1),
            "faster": lambda: player.faster(1),
            "slower": lambda: player.faster(-1),
            "loop": self._loop,
        }

    def _view_bindings(self) -> Bindings:
        return {
            "proportions": self.look_panel.switch_fold,
            "panel": lambda: self.panel.setVisible(self.panel.isHidden()),
            "open_model": self._ask_for_model,
            "close": self.close,
        }

    def _ask_for_model(self) -> None:
        self.panel.show()
        self.tabs.setCurrentWidget(self.model_panel)
        self.model_panel.ask_for_model()

    def _edit_bindings(self) -> Bindings:
        return {
            "expression": self._edit_expression,
            "fill": self._fill,
        }

    def _begin_or_come_back(self) -> None:
        """The first step; who sees nothing of the scene means by Home the way back to it."""
        if self.navigation.out_of_sight.isVisible():
            self.navigation.home()
        else:
            self._rest_at(0)

    def _rest_at(self, time: float) -> None:
        self.player.pause()
        self.player.seek(time)

    def _edit_expression(self) -> None:
        self.panel.show()
        self.tabs.setCurrentWidget(self.scene_panel)
        self.scene_panel.line.begin()

    def _fill(self) -> None:
        self.panel.show()
        self.tabs.setCurrentWidget(self.scene_panel)
        self.tell(self.scene_panel.form.fill())

    def _loop(self) -> None:
        self.player.loop = self.actions_by_name["loop"].isChecked()

    # how it is put together

    def _make_ways_to_look(self) -> None:
        self.selection = Selection(self)
        self.navigation = Navigation(self.view, self.desk, self.selection, self.tell)
        self.scene_camera = SceneCamera(self.view, self.navigation.flying, self.player, self.desk, self.tell)
        self.pinning = Pinning(self.desk, self.view)
        self.pointing = Pointing(self, self.navigation)
        self.reading = Reading(self, self.selection, self.pointing.lighting)

    def _make_tabs(self, opener: Opener, build_again: BuildAgain) -> None:
        self.files = Files(self)
        self.tabs = PanelTabs(self, PANEL_WIDTH, NARROW_PANEL)
        self.panel = QDockWidget("Panel", self)
        self.scene_panel = ScenePanel(self.desk, self.selection)
        tree, form = self.scene_panel.tree, self.scene_panel.form
        self.tree_links = TreeLinks(tree, form, self.view, self.navigation, self.selection)
        self.motion_panel, self.look_panel = MotionPanel(self.desk), LookPanel(self.desk)
        self.model_panel = ModelPanel(self.desk, opener, self.files.may_leave, build_again)

    def _make_parts(self, renderers: Renderers, build_again: BuildAgain, models: ModelsHere) -> None:
        self.dialogs, self.whole = Dialogs(self), WholeWindow(self)
        self.appearance, self.recovering = Appearance(self), Recovering(self, self.files.may_leave)
        self.heads = Heads(self, build_again, self.files.may_leave)
        self.beside = Beside(self, self.selection, self.pointing.lighting, build_again, renderers)
        sources = (
            offers.commands(self, "palette"),
            offers.picks((self.model_panel.layer, self.model_panel.head)),
            offers.matrices(self, self.navigation.finder.chosen.emit),
            offers.kept_views(self.navigation.kept_views),
            offers.themes(self.appearance.choose),
            offers.tabs(self.tabs, self.panel.show),
            offers.files(self.files.open_named, named_examples),
        )
        self.command_palette = CommandPalette(self, sources)
        self.kept_menu, self.undoing = KeptMenu(self, self.navigation.kept_views), Undoing(self)
        self.starts = Starts(self, self.files.open_named, self.files.open_several, models)
        self.numbers = NumberLinks(self, self.selection, self.pinning)

    def _bind_commands(self) -> None:
        own = (self._play_bindings(), self._view_bindings(), self._edit_bindings())
        asking = (self.files, self.recovering, self.dialogs)
        shown = (self.whole, self.appearance, self.command_palette, Shortcuts(self), self.undoing)
        copying = (Copying(self.desk, self.selection, self.tell), self.numbers)
        looking = (self.navigation, self.scene_camera, self.pinning, self.pointing, self.reading)
        parts = (*asking, *shown, *copying, *looking, self.starts, self.heads, self.beside)
        self.bind(dict(ChainMap(*map(dict, (*own, *(part.bindings() for part in parts))))))
        named = self.actions_by_name
        self.transport = Transport(
            self.player, [named[name] for name in ("step_back", "play", "step_on")], named["loop"]
        )

    def _settle(self) -> None:
        """Stand as the last window did."""
        self.appearance.settle()
        self.context_menus = ContextMenus(self, self.selection, self.pinning.pin)
        self.context_menus.on_place(self.transport, "transport")
        self.context_menus.on_place(self.navigation.view_cube, "cube")
        self.token_menu = TokenMenu(self, self.reading.strip.line, self.reading.go_to, self.context_menus)
        self.context_menus.on_tabs(self.tabs)
        self.scene_panel.tree.asked.connect(self.context_menus.on_matrix)
        standing = (self.whole.settle, self.pointing.settle, self.reading.settle, self.heads.settle)
        for settle in (*standing, self.kept_menu.settle, self.beside.settle, self.files.settle, self.starts.settle):
            settle()
        self.stray_keys = StrayKeys(self)
        self.seen = Seen(self.desk, self.view, self.player, self.navigation, self.tabs)
        self.seen.begin()
        self.make_room = MakeRoom(self)
        self.recovering.settle()

    def _assemble(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.beside.splitter, 1)
        column.addWidget(self.reading.strip)
        column.addWidget(self.transport)
        self.setCentralWidget(body)
        self.status.stand_in(self)
        self._assemble_panel()
        fill_menu_bar(self)
        self.setMinimumSize(480, 360)
        self.view.setFocus()

    def _assemble_panel(self) -> None:
        self.panel.setObjectName("panel")  # by which Qt remembers where it was
        self.panel.setTitleBarWidget(QWidget())  # the tabs say enough
        self.panel.setWidget(self.tabs)
        self.tabs.setObjectName("tabs")  # by which the tour finds them
        self.tabs.setDocumentMode(True)
        for widget, name, tip in (
            (self.scene_panel, "Matrices", "What is multiplied: the expression, its matrices and the selected one"),
            (self.model_panel, "Model", "Whose numbers are shown: model, layer, head and what it reads"),
            (self.motion_panel, "Motion", "How it moves: in which order it is computed, and how fast"),
            (self.look_panel, "Look", "How it looks: colours, what is written, where matrices stand"),
            (self.pinning.panel, "Explain", "How the number of a cell comes about"),
        ):
            self.tabs.setTabToolTip(self.tabs.addTab(widget, name), tip)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.panel)
        self.panel.visibilityChanged.connect(self.actions_by_name["panel"].setChecked)

    def _connect(self) -> None:
        self.player.moved.connect(lambda _time: self.view.show_time(self.player.moment))
        self.player.moved.connect(self._allow_steps)
        self.view.pointed.connect(self.point)
        self.view.failed.connect(self.status.judge)
        for page in (self.motion_panel, self.look_panel):
            page.dragged.connect(self._hurry)
        self.navigation.view_cube.switched.connect(self.actions_by_name["view_cube"].setChecked)
        self.actions_by_name["view_cube"].setChecked(self.navigation.view_cube.on)
        self.navigation.lens.toggled.connect(self.actions_by_name["lens"].setChecked)
        self.view.drawn.connect(lambda: self.status.judge(""))
        self.desk.shown.connect(self._show_scene)
        self.desk.opened.connect(self._show_opened)
        self.desk.failed.connect(self.complain)
        self.model_panel.told.connect(self.tell)
        self.desk.background.busy.connect(self.status.wait)
        self.desk.background.went_on.connect(self.status.go_on)
        self.desk.background.lies_ahead.connect(self.status.foresee)
        self.heads.compared.connect(self.beside.compare)
        self.beside.changed.connect(self.heads.mark_compared)
        self.pinning.clicked.connect(lambda: self.tabs.setCurrentWidget(self.pinning.panel))
        self.pinning.moved.connect(self.selection.select)
        self.scene_panel.form.facts.as_table.clicked.connect(self.numbers.show)
        self.reading.applied.connect(self.model_panel.apply_read)
        self.desk.unsaved_changed.connect(self.setWindowModified)
        self.undoing.settle()

    # what happens

    def _show_scene(self, scene: Shown) -> None:
        composition = scene.composition
        if composition is not self.view.composition:
            view, before = self.view, self.view.composition.layout
            stays = may_stay(view.camera, before, composition.layout, view.aspect)
            view.show_composition(composition, keep_camera=stays)
        self.player.take(composition.timeline.steps, composition.chapters)
        self.setWindowTitle(f"{scene.document.title or scene.where}[*] - mmviz")
        self._allow_steps(self.player.time)
        self.point(None)

    def _show_opened(self, scene: Shown) -> None:
        self.view.show_composition(scene.composition, keep_camera=False)

    def _hurry(self, dragged: bool) -> None:
        """While a slider is held the picture may be coarser."""
        self.view.hurried = dragged
        self.view.show_time(self.player.moment)

    def _allow_steps(self, time: float) -> None:
        self.actions_by_name["step_back"].setEnabled(time > 0)
        self.actions_by_name["step_on"].setEnabled(time < self.player.steps)
